"""What an ENVI header says about bands, values and place ends up in the cube, in nanometres and 0-based."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hadviewer.io.readers.envi import open_cube

MakeEnvi = Callable[..., Path]


class TestWavelengths:
    array = np.zeros((2, 2, 3), dtype="u1")

    @pytest.mark.parametrize(
        ("values", "unit", "expected"),
        [
            ("0.4, 0.5, 2.5", "Micrometers", [400, 500, 2500]),
            ("0.4, 0.5, 2.5", "µm", [400, 500, 2500]),
            ("400, 500, 2500", "Nanometer", [400, 500, 2500]),
            ("4000, 5000, 25000", "Angstroms", [400, 500, 2500]),
            ("25000, 20000, 4000", "Wavenumber", [400, 500, 2500]),
            ("500000, 400000, 200000", "GHz", [599.584916, 749.481145, 1498.96229]),
            ("0.4, 0.5, 2.5", "Unknown", [400, 500, 2500]),
            ("400, 500, 2500", None, [400, 500, 2500]),
            ("500, 400, 600", "nm", [500, 400, 600]),
        ],
    )
    def test_are_nanometres_whatever_the_unit(
        self, make_envi: MakeEnvi, values: str, unit: str | None, expected: list[float]
    ) -> None:
        cube = open_cube(make_envi(self.array, wavelength=f"{{{values}}}", wavelength_units=unit))
        assert cube.bands.centres is not None
        np.testing.assert_allclose(cube.bands.centres, expected, rtol=1e-6)
        assert ("assumed" in cube.bands.assumed) == (unit in (None, "Unknown"))

    @pytest.mark.parametrize(
        ("values", "unit"),
        [("1, 2, 3", None), ("1, 2, 3", "index"), ("nan, 2, 3", "nm"), ("a, b, c", "nm"), ("1, 2, 1e305", "m"),
         ("1, 2, 1e-320", "Wavenumber")],
    )  # fmt: skip
    def test_are_absent_where_the_numbers_cannot_be_any(
        self, make_envi: MakeEnvi, values: str, unit: str | None
    ) -> None:
        assert open_cube(make_envi(self.array, wavelength=f"{{{values}}}", wavelength_units=unit)).bands.centres is None

    def test_of_the_wrong_number_are_dropped_not_cut(self, make_envi: MakeEnvi) -> None:
        cube = open_cube(make_envi(self.array, wavelength="{400, 500, 600, 700}", fwhm="{1, 2}", bbl="{1, 0}"))
        assert cube.bands.centres is None
        assert cube.bands.fwhm is None
        assert cube.bands.mask.all()
        assert "4 wavelengths for 3 bands" in " ".join(cube.notes)

    @pytest.mark.parametrize(
        "names", ["376.44 Nanometers, 400 nm, 500.5 nanometers", "Band 1 (376.44), Band 2 (400), x (500.5)",
                  "B001_376.44nm, B002_400nm, B003_500.5nm", "0.37644 um, 0.4 micrometers, 0.5005 µm"]
    )  # fmt: skip
    def test_may_stand_in_the_band_names(self, make_envi: MakeEnvi, names: str) -> None:
        cube = open_cube(make_envi(self.array, band_names=f"{{{names}}}"))
        assert cube.bands.centres is not None
        np.testing.assert_allclose(cube.bands.centres, [376.44, 400, 500.5])
        assert "band names" in cube.bands.assumed

    def test_widths_have_the_same_unit(self, make_envi: MakeEnvi) -> None:
        fields = {"wavelength": "{0.4, 0.5, 0.6}", "wavelength_units": "um", "fwhm": "{0.01, 0.02, 0.03}"}
        cube = open_cube(make_envi(self.array, **fields))
        assert cube.bands.fwhm is not None
        np.testing.assert_allclose(cube.bands.fwhm, [10, 20, 30])

    def test_bad_bands_may_be_written_in_several_ways(self, make_envi: MakeEnvi) -> None:
        for text in ("{1, 0, 1}", "{1.0, 0.0, 1.0}", "{True, false, TRUE}"):
            assert open_cube(make_envi(self.array, bbl=text)).bands.mask.tolist() == [True, False, True]


class TestValues:
    def test_reflectance_scale_factor_divides(self, make_envi: MakeEnvi) -> None:
        array = np.array([[[1700, 10000]]], dtype="<i2")
        cube = open_cube(make_envi(array, reflectance_scale_factor=10000))
        np.testing.assert_allclose(cube.values()[0, 0], [0.17, 1.0], rtol=1e-6)
        assert cube.scale is not None
        assert cube.scale.found == "reflectance scale factor"
        assert cube.quantity == "Reflectance"

    def test_gains_and_offsets_count_per_band(self, make_envi: MakeEnvi) -> None:
        array = np.array([[[10, 20]]], dtype="<i2")
        cube = open_cube(make_envi(array, data_gain_values="{2, 0.5}", data_offset_values="{1, -1}"))
        np.testing.assert_allclose(cube.values()[0, 0], [21, 9])
        np.testing.assert_allclose(cube.values(bands=np.array([1]))[0, 0], [9])

    def test_two_scales_are_not_applied_both(self, make_envi: MakeEnvi) -> None:
        array = np.array([[[100]]], dtype="<i2")
        cube = open_cube(make_envi(array, reflectance_scale_factor=100, data_gain_values="{0.01}"))
        np.testing.assert_allclose(cube.values()[0, 0], [1.0])

    @pytest.mark.parametrize("value", ["-9999", "-9.99900000e+003", "{-9999}", " -9999.0 "])
    def test_the_ignore_value_is_compared_before_scaling(self, make_envi: MakeEnvi, value: str) -> None:
        array = np.array([[[-9999, 5]]], dtype="<i2")
        values = open_cube(make_envi(array, data_ignore_value=value, reflectance_scale_factor=10)).values()[0, 0]
        assert np.isnan(values[0])
        assert values[1] == 0.5

    @pytest.mark.parametrize("value", ["-9999", "70000", "0.5"])
    def test_an_ignore_value_the_type_cannot_hold_is_told_and_ignored(self, make_envi: MakeEnvi, value: str) -> None:
        array = np.array([[[55537, 4464]]], dtype="<u2")
        cube = open_cube(make_envi(array, data_ignore_value=value))
        assert cube.nodata is None
        assert np.isfinite(cube.values()).all()
        assert "cannot occur" in " ".join(cube.notes)

    @pytest.mark.parametrize("value", ["-1e34", "-3.4028234663852886e+38", "-1.7976931348623157e+308", "nan"])
    def test_floats_of_single_precision_meet_their_ignore_value(self, make_envi: MakeEnvi, value: str) -> None:
        with np.errstate(over="ignore"):
            array = np.array([[[float(value), 5]]]).astype("<f4")
        values = open_cube(make_envi(array, data_ignore_value=value)).values()[0, 0]
        assert np.isnan(values[0])
        assert values[1] == 5

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("{3,2,1}", (2, 1, 0)), ("{0, 1, 2}", (0, 1, 2)), ("2", (1,)), ("{}", ()), ("{3,2,9}", ()), ("{-1}", ())],
    )
    def test_default_bands(self, make_envi: MakeEnvi, text: str, expected: tuple[int, ...]) -> None:
        assert open_cube(make_envi(np.zeros((1, 1, 3), "u1"), default_bands=text)).default_bands == expected

    def test_fields_without_use_are_kept_as_they_are_spelt(self, make_envi: MakeEnvi) -> None:
        header = make_envi(np.zeros((1, 1, 1), "u1"), Sensor_Type="FENIX")
        header.write_text(header.read_text() + "Start Time = UTC 14:45:52\n")
        meta = open_cube(header).meta
        assert meta == {"Sensor Type": "FENIX", "Start Time": "UTC 14:45:52"}


class TestGeoreference:
    array = np.zeros((4, 5, 1), dtype="u1")

    @pytest.mark.parametrize(
        "info",
        [
            "UTM, 1, 1, 500000, 4100000, 2, 3, 11, North, WGS-84, units=Meters",
            " UTM , 1.000 , 1.000 , 736600.089 , 4078126.75 , 2.7e+0 , 2.7e+0 , 12 , North , WGS-84 , rotation=-66.0",
            "UTM, 1, 1, 500000, 4100000, 2, 2, 11, South, WGS-84, rotation=90",
            "Geographic Lat/Lon, 1, 1, -44.84, -22.93, 0.0034, 0.0034, WGS-84",
            "UTM, 2.5, 3.5, 500000, 4100000, 2, 3, 11, North, WGS-84",
        ],
    )
    def test_the_corner_lies_where_another_program_puts_it(self, make_envi: MakeEnvi, info: str) -> None:
        rasterio = pytest.importorskip("rasterio")
        header = make_envi(self.array, map_info=f"{{{info}}}")
        geo = open_cube(header).geo
        assert geo is not None
        with rasterio.open(header.with_suffix(".img")) as dataset:
            np.testing.assert_allclose(geo.affine, dataset.transform.to_gdal(), rtol=1e-12)
            assert dataset.crs.to_epsg() == int(geo.crs.removeprefix("EPSG:"))
        assert geo.verbatim["map info"] == info.strip()

    def test_the_reference_pixel_stays_put_when_the_image_is_rotated(self, make_envi: MakeEnvi) -> None:
        geo = open_cube(make_envi(self.array, map_info="{UTM, 3, 2, 500, 900, 2, 2, 11, North, rotation=30}")).geo
        assert geo is not None
        np.testing.assert_allclose(geo.position(1, 2), (500, 900))

    @pytest.mark.parametrize("info", ["{UTM, 1, 1}", "{UTM, a, 1, 1, 1, 1, 1}", "{UTM, 1, 1, 5, 5, 0, 1}", "{,,,,,,,}"])
    def test_nonsense_is_told_and_ignored(self, make_envi: MakeEnvi, info: str) -> None:
        cube = open_cube(make_envi(self.array, map_info=info))
        assert cube.geo is None
        assert "map info" in " ".join(cube.notes)

    def test_the_coordinate_system_string_wins(self, make_envi: MakeEnvi) -> None:
        wkt = 'PROJCS["UTM_Zone_11N",GEOGCS["GCS_WGS_1984"]]'
        info = "{UTM, 1, 1, 5, 9, 2, 2, 11, North, WGS-84}"
        geo = open_cube(make_envi(self.array, map_info=info, coordinate_system_string=f"{{{wkt}}}")).geo
        assert geo is not None
        assert geo.crs == wkt
        assert geo.label == "UTM 11 N, WGS-84"
