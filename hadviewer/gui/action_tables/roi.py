"""Commands of the ROI menu."""

from hadviewer.gui.action_tables.row import Action

ROI: tuple[Action, ...] = (
    Action("roi_new", "New ROI", "ROI", "Ctrl+Shift+N", "A region of interest for what is drawn next", needs="scene"),
    Action(
        "roi_rectangle",
        "Draw rectangle",
        "ROI",
        "3",
        "Draw rectangles into the selected region",
        "roi-rectangle",
        "scene",
        separator=True,
    ),
    Action("roi_polygon", "Draw polygon", "ROI", "4", "Draw polygons into the selected region", "roi-polygon", "scene"),
    Action("roi_brush", "Paint with a brush", "ROI", "5", "Paint the selected region", "roi-brush", "scene"),
    Action("roi_points", "Mark points", "ROI", "6", "Add single pixels to the selected region", "roi-points", "scene"),
    Action("roi_grow", "Grow from a pixel", "ROI", "7", "Add neighbours of like spectra", "roi-grow", "scene"),
    Action(
        "roi_from_mask",
        "ROI from the mask",
        "ROI",
        "",
        "Make a region of the threshold mask of the selected result",
        needs="result",
        separator=True,
    ),
    Action(
        "roi_from_range",
        "ROI from a range of values…",
        "ROI",
        "",
        "Make a region of all pixels whose score or band value lies in a range",
        needs="scene",
    ),
    Action("roi_open", "Open ROIs…", "ROI", "", "Read regions: GeoJSON, ENVI XML, ENVI's ASCII dump", needs="scene"),
    Action("roi_export", "Export ROIs…", "ROI", "", "Write all regions as GeoJSON or ENVI XML", needs="scene"),
    Action(
        "roi_averages",
        "Show ROI average spectra",
        "ROI",
        "Ctrl+Shift+A",
        "Collect the mean spectrum of every visible region",
        needs="scene",
        separator=True,
    ),
    Action(
        "roi_statistics", "ROI statistics…", "ROI", "", "Mean, spread and range of every visible region", needs="scene"
    ),
)
