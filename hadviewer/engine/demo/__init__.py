"""The embedded demo scene: made by computation on first use, the same for everybody."""

from hadviewer.engine.demo.files import demo_is_ready, demo_path, is_demo, truth_path, write_demo
from hadviewer.engine.demo.scene import DemoScene, make_demo

__all__ = ["DemoScene", "demo_is_ready", "demo_path", "is_demo", "make_demo", "truth_path", "write_demo"]
