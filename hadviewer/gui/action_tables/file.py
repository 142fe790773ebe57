"""Commands of the File menu."""

from hadviewer.gui.action_tables.row import Action

FILE: tuple[Action, ...] = (
    Action("open", "Open…", "File", "Ctrl+O", "Open a cube: ENVI, GeoTIFF, HDF5, MATLAB, NumPy", "open", toolbar=True),
    Action(
        "open_folder",
        "Open folder…",
        "File",
        "Ctrl+Alt+O",
        "Open a folder that is a cube: a product of a mission, bands as single files, Zarr",
    ),
    Action(
        "open_options",
        "Open with options…",
        "File",
        "",
        "Choose how a file is read, such as the order of its axes, by a picture of what comes of it",
    ),
    Action("open_demo", "Open demo scene", "File", "", "Open the scene that comes with the program"),
    Action(
        "open_library",
        "Open spectral library…",
        "File",
        "Ctrl+L",
        "Open library spectra: ENVI .sli, ASD, tables, USGS and ECOSTRESS text",
    ),
    Action(
        "open_session",
        "Open session…",
        "File",
        "Ctrl+Shift+O",
        "Go on with a saved session: its cube, results, marks and views as they were",
    ),
    Action(
        "save_session",
        "Save session",
        "File",
        "Ctrl+S",
        "Keep everything as it is now in one file",
        needs="scene",
        separator=True,
    ),
    Action(
        "save_session_as", "Save session as…", "File", "Ctrl+Shift+S", "Keep everything in another file", needs="scene"
    ),
    Action(
        "import_truth",
        "Import truth…",
        "File",
        "Ctrl+T",
        "Load the mask of known anomalies",
        "truth",
        "scene",
        separator=True,
    ),
    Action(
        "scene_info", "Scene information", "File", "Ctrl+I", "Everything known about the open file", "info", "scene"
    ),
    Action(
        "edit_metadata",
        "Edit metadata…",
        "File",
        "Ctrl+Shift+I",
        "Change what was guessed or is wrong: axis order, wavelengths, scale, no-data value, quantity",
        needs="scene",
    ),
    Action(
        "export",
        "Export result…",
        "File",
        "Ctrl+E",
        "Write score map, mask, objects, picture and ROC of the selected result",
        "export",
        "result",
        toolbar=True,
        separator=True,
    ),
    Action(
        "export_cube",
        "Export cube…",
        "File",
        "",
        "Write lines, samples and bands of the cube as ENVI or GeoTIFF",
        "export",
        "scene",
    ),
    Action(
        "export_spectra",
        "Export spectra…",
        "File",
        "",
        "Write the spectra shown as a table, ENVI spectral library or text",
        "spectrum",
        "scene",
    ),
    Action("save_plot", "Save picture of the spectra…", "File", "", "The plot of spectra as PNG or SVG", needs="scene"),
    Action("report", "Report…", "File", "", "Write scene, maps, ROC and objects as one web page", needs="scene"),
    Action(
        "save_view",
        "Save picture of the view…",
        "File",
        "Ctrl+Shift+E",
        "Write the image as shown as PNG",
        needs="scene",
    ),
    Action("quit", "Quit", "File", "Ctrl+Q", "Close the program", separator=True),
)
