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
    def open_window(path, **options):
        os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
        from hadviewer.gui import app
        show, watch = app.Workbench.show, Watch()
        def watched(bench, **more):
            bench.window.installEventFilter(watch)
            show(bench, **more)
        app.Workbench.show = watched
        return app.run(path, **options)
    __main__._open_window = open_window
    __main__.main([])
"""
COMPLETE = OURS.replace("bench.window.installEventFilter(watch)", "bench.when_complete(watch.finish)")

RUNS = 15


def seconds(program: str) -> float:
    command = [sys.executable, "-c", textwrap.dedent(WATCH) + textwrap.dedent(program)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0])


def test_time_to_the_first_window() -> None:
    rounds = [(seconds(BARE), seconds(OURS), seconds(COMPLETE)) for _ in range(RUNS)]
    bare, ours, complete = (statistics.median(times) for times in zip(*rounds, strict=True))
    ratio = statistics.median(ours / bare for bare, ours, _ in rounds)
    print(f"\nFirst window: hadviewer {ours:.2f} s · bare window {bare:.2f} s · ratio {ratio:.2f} ({RUNS} rounds)")
    print(f"Every panel ready for use: {complete:.2f} s")
