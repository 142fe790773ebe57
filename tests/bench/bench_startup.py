"""Start-up: seconds to the first painted window, against a bare window that imports numpy and pyqtgraph."""

import statistics
import subprocess
import sys
import textwrap

BARE = """
    import time; clock = time.perf_counter()
    import numpy, pyqtgraph
    from PyQt6.QtWidgets import QApplication, QMainWindow
    application = QApplication([])
    class Window(QMainWindow):
        def paintEvent(self, event):
            super().paintEvent(event)
            print(time.perf_counter() - clock, flush=True)
            application.quit()
    window = Window(); window.setCentralWidget(pyqtgraph.PlotWidget()); window.resize(1280, 800); window.show()
    application.exec()
"""
OURS = """
    import time; clock = time.perf_counter()
    import sys
    from PyQt6.QtCore import QTimer
    from hadviewer.gui import main_window
    def painted(self, event):
        main_window.QMainWindow.paintEvent(self, event)
        print(time.perf_counter() - clock, flush=True)
        import os; os._exit(0)
    main_window.MainWindow.paintEvent = painted
    from hadviewer.gui.app import run
    run(None)
"""


def seconds(program: str) -> float:
    text = textwrap.dedent(program)
    command = [sys.executable, "-c", text]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(7)]
    return statistics.median(float(run.stdout.split()[0]) for run in runs)


def test_time_to_the_first_window() -> None:
    bare, ours = seconds(BARE), seconds(OURS)
    print(f"\nFirst window: hadviewer {ours:.2f} s · bare window {bare:.2f} s · ratio {ours / bare:.2f}")
