"""Start-up: seconds to the first painted window, against a bare window that imports numpy and pyqtgraph."""

import statistics
import subprocess
import sys
import textwrap

WATCH = """
    import os, time; clock = time.perf_counter()
    from PyQt6.QtCore import QEvent, QObject, QTimer
    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, self.finish)
            return False
        def finish(self):
            print(time.perf_counter() - clock, flush=True)
            os._exit(0)
"""
BARE = """
    import numpy, pyqtgraph
    from PyQt6.QtWidgets import QApplication, QMainWindow
    application, watch, window = QApplication([]), Watch(), QMainWindow()
    window.setCentralWidget(pyqtgraph.PlotWidget())
    window.resize(1280, 800)
    window.centralWidget().viewport().installEventFilter(watch)
    window.show()
    application.exec()
"""
OURS = """
    from hadviewer import __main__
    from hadviewer.cli import main as cli
    def open_window(path, **options):
        import gc; gc.disable(); os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
        from hadviewer.gui import app
        show, watch = app.Workbench.show, Watch()
        def watched(bench, **more):
            bench.window.installEventFilter(watch)
            show(bench, **more)
        app.Workbench.show = watched
        return app.run(path, **options)
    cli.main([], open_window)
"""


def seconds(program: str) -> float:
    text = textwrap.dedent(WATCH) + textwrap.dedent(program)
    command = [sys.executable, "-c", text]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(7)]
    return statistics.median(float(run.stdout.split()[0]) for run in runs)


def test_time_to_the_first_window() -> None:
    bare, ours = seconds(BARE), seconds(OURS)
    print(f"\nFirst window: hadviewer {ours:.2f} s · bare window {bare:.2f} s · ratio {ours / bare:.2f}")
