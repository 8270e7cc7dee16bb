"""One widget of each library: how it is made, how it is changed, and, where it moves, how that is begun."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WidgetCase:
    """A widget of one library.

    Attributes
    ----------
    name : str
    make : str
        Python that leaves it in `w`.
    change : str
        Python that changes what is seen of it; empty where the library does that only by itself.
    animate : str
        Python that lets it move by itself in the page; empty where it does not.
    shown : str
        What the cell's last line shows, where it is not `w`.
    element : str
        A selector of the part of what is shown that the stream shows; empty where that is all: pythreejs' own stream
        has the scene alone, lonboard shows a box with the map in it.
    settle_ms : int
        How long it needs until it looks as it will, in a page without a GPU.
    served : (address, file)
        What its own code takes off the network: a pattern of the address, and the file that stands in, from the root of
        the project; empty where it takes nothing.
    """

    name: str
    make: str
    change: str = ""
    animate: str = ""
    shown: str = "w"
    element: str = ""
    settle_ms: int = 1500
    served: tuple[str, str] | None = None


PREPARE = """
import io, wave
import numpy as np
from PIL import Image as _Image
from ipymedia import WidgetStream
def png(picture):
    file = io.BytesIO()
    _Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
_steps = np.add.outer(np.arange(200), np.arange(300))
PICTURES = [png(np.stack([_steps * a % 256, _steps * b % 256, 255 - _steps % 256], -1).astype("u1"))
            for a, b in ((1, 2), (3, 1))]
_file = io.BytesIO()
with wave.open(_file, "wb") as _sound:
    _sound.setnchannels(1), _sound.setsampwidth(2), _sound.setframerate(8000)
    _sound.writeframes((np.sin(np.arange(80000) / 5) * 9000).astype("<i2").tobytes())
SOUND = _file.getvalue()
FILM = open({film!r}, "rb").read()
PDB = "".join(f"ATOM  {{i:5d}}  CA  ALA A{{i:4d}}    {{6*np.cos(i):8.3f}}{{6*np.sin(i):8.3f}}{{i*1.5:8.3f}}"
              "  1.00  0.00           C\\n" for i in range(1, 12))
"""
"""What the cases use. To be formatted with `film`, a path."""

_SLIDER = "import ipywidgets as W\n"
_LINE = "import numpy as np\nx = np.linspace(0, 10, 100)\n"

CASES = [
    WidgetCase("IntSlider", _SLIDER + "w = W.IntSlider(value=30, description='Level:')", "w.value = 80"),
    WidgetCase("Play", _SLIDER + "w = W.Play(value=5, min=0, max=100)", "w.disabled = True"),
    WidgetCase(
        "VBox",
        _SLIDER
        + "w = W.VBox([W.IntSlider(description='a'), W.Dropdown(options=['one', 'two'], description='b'), "
        "W.Text('some text', description='c'), W.HBox([W.Button(description='Run', icon='play', "
        "button_style='primary'), W.ToggleButton(description='On', icon='check'), W.Checkbox(True, "
        "description='d')]), W.FloatProgress(value=40, max=100), W.HTML('<b>bold</b> and <i>italic</i>'), "
        "W.ColorPicker(value='teal')])",
        "w.children[0].value = 70; w.children[4].value = 90",
    ),
    WidgetCase(
        "bqplot",
        _LINE
        + "from bqplot import pyplot as plt\nw = plt.figure(title='Lines')\nmark = plt.plot(x, np.sin(x))\n"
        "bars = plt.scatter(x[::9], np.cos(x[::9]))",
        "mark.y = np.cos(x)",
    ),
    WidgetCase(
        "ipyleaflet",
        "import ipyleaflet as L\n"
        "tiles = {'url': '/static/favicons/favicon.ico?{z}{x}{y}', 'name': 'tiles', 'attribution': 'tiles'}\n"
        "w = L.Map(center=(48.2, 16.37), zoom=9, basemap=tiles)\n"
        "w.add(L.Marker(location=(48.2, 16.37)))\n"
        "w.add(L.Circle(location=(48.3, 16.2), radius=9000))",
        "w.add(L.Polyline(locations=[(48.1, 16.0), (48.3, 16.9)], color='red', fill=False))",
        settle_ms=3000,
    ),
    WidgetCase(
        "pythreejs",
        "import pythreejs as P\n"
        "ball = P.Mesh(P.BoxGeometry(2, 2, 2), P.MeshLambertMaterial(color='tomato'))\n"
        "light = P.DirectionalLight(position=[3, 5, 1])\n"
        "camera = P.PerspectiveCamera(position=[3, 3, 5], aspect=4/3, children=[light])\n"
        "scene = P.Scene(children=[ball, camera, P.AmbientLight()], background='#ddeeff')\n"
        "w = P.Renderer(camera=camera, scene=scene, controls=[P.OrbitControls(controlling=camera)], "
        "width=400, height=300)",
        "ball.material.color = 'seagreen'; ball.rotation = (0.5, 0.5, 0, 'XYZ')",
        "track = P.NumberKeyframeTrack('.rotation[y]', [0, 600], [0, 3000])\n"
        "turn = P.AnimationAction(P.AnimationMixer(ball), P.AnimationClip(tracks=[track]), ball)\nturn.play()",
        element="canvas",
    ),
    WidgetCase(
        "ipyvolume",
        _LINE + "import ipyvolume as ipv\nfig = ipv.figure(width=400, height=300)\n"
        "s = ipv.scatter(*np.random.RandomState(1).rand(3, 200), size=4, marker='sphere')\nw = ipv.gcc()",
        "s.color = 'blue'",
        settle_ms=4000,
    ),
    WidgetCase(
        "nglview",
        "import nglview\nw = nglview.NGLWidget()\n"
        "w.add_component(nglview.TextStructure(PDB, ext='pdb'), default=False)\nw[0].add_spacefill()",
        "w[0].clear(); w[0].add_ball_and_stick()",
        "w._set_spin([0, 1, 0], 0.03)",
        settle_ms=4000,
    ),
    WidgetCase(
        "ipycanvas",
        "from ipycanvas import Canvas\nw = Canvas(width=300, height=200)\nw.fill_style = 'navy'\n"
        "w.fill_rect(20, 20, 120, 80)\nw.stroke_style = 'orange'\nw.line_width = 5\nw.stroke_circle(200, 100, 50)",
        "w.fill_style = 'crimson'; w.fill_circle(100, 120, 40)",
    ),
    WidgetCase(
        "MultiCanvas",
        "from ipycanvas import MultiCanvas\nw = MultiCanvas(2, width=300, height=200)\nw[0].fill_style = 'gold'\n"
        "w[0].fill_rect(0, 0, 300, 200)\nw[1].fill_style = 'black'\nw[1].fill_circle(150, 100, 60)",
        "w[1].clear(); w[1].fill_rect(30, 30, 60, 60)",
    ),
    WidgetCase(
        "ipympl",
        "import matplotlib\nmatplotlib.use('module://ipympl.backend_nbagg')\nimport matplotlib.pyplot as mpl\n"
        + _LINE
        + "mpl.ioff()\nfigure, ax = mpl.subplots(figsize=(5, 3))\n(line,) = ax.plot(x, np.sin(x))\nw = figure.canvas",
        "line.set_ydata(np.cos(x)); figure.canvas.draw()",
        settle_ms=2500,
    ),
    WidgetCase(
        "plotly 2-D",
        _LINE + "import plotly.graph_objects as go\nw = go.FigureWidget(go.Scatter(x=x, y=np.sin(x)), "
        "layout={'width': 600, 'height': 400, 'title': {'text': 'Sine'}})",
        "w.data[0].y = np.cos(x)",
        settle_ms=3000,
    ),
    WidgetCase(
        "plotly 3-D",
        _LINE
        + "import plotly.graph_objects as go\nw = go.FigureWidget(go.Surface(z=np.outer(np.sin(x), np.cos(x))), "
        "layout={'width': 600, 'height': 400, 'title': {'text': 'Waves'}})",
        "w.data[0].colorscale = 'Viridis'",
        settle_ms=5000,
    ),
    WidgetCase(
        "Image",
        _SLIDER + "w = W.Image(value=PICTURES[0], width=300, height=200)",
        "w.value = PICTURES[1]",
    ),
    WidgetCase(
        "Video",
        _SLIDER + "w = W.Video(value=FILM, autoplay=False, loop=True, width=320)",
        animate="w.autoplay = True",
    ),
    WidgetCase("Audio", _SLIDER + "w = W.Audio(value=SOUND, format='wav', autoplay=False)"),
    WidgetCase(
        "lonboard",
        "import lonboard, geopandas, shapely\n"
        "places = shapely.points(np.random.RandomState(1).rand(200, 2) * 4)\n"
        "points = geopandas.GeoDataFrame(geometry=places, crs=4326)\n"
        "layer = lonboard.ScatterplotLayer.from_geopandas(points, get_radius=9000, get_fill_color=[200, 30, 60])\n"
        "w = lonboard.Map(layer, height=300, basemap=None) ",
        "layer.get_fill_color = [20, 90, 200]",
        element=".lm-Widget",
        settle_ms=5000,
        served=(
            "**/parquet-wasm@*/esm/parquet_wasm_bg.wasm",
            "benchmarks/node_modules/parquet-wasm/esm/parquet_wasm_bg.wasm",
        ),
    ),
    WidgetCase(
        "k3d",
        _LINE + "import k3d\nw = k3d.plot(height=300)\n"
        "places = np.random.RandomState(1).rand(50, 3).astype('f4')\n"
        "points = k3d.points(places, point_size=0.1, color=0x3366cc)\nw += points",
        "points.color = 0xcc3366",
        "w.fps = 60\npoints.positions = {'0': places, '1': places[::-1].copy(), '2': places}\nw.start_auto_play()",
        settle_ms=4000,
    ),
    WidgetCase(
        "jupyter_rfb",
        _LINE + "import jupyter_rfb\n"
        "class Rfb(jupyter_rfb.RemoteFrameBuffer):\n"
        "    color = (40, 90, 160)\n"
        "    def get_frame(self):\n"
        "        picture = np.full((200, 300, 3), self.color, np.uint8)\n"
        "        picture[50:100, 60:200] = 255\n"
        "        return picture\n"
        "w = Rfb()\nw.css_width, w.css_height = '300px', '200px'\nw.request_draw()",
        "w.color = (160, 60, 40); w.request_draw()",
    ),
    WidgetCase(
        "anywidget",
        "import anywidget, traitlets\n"
        "class Counter(anywidget.AnyWidget):\n"
        "    _esm = '''\n"
        "    function render({ model, el }) {\n"
        "      const button = document.createElement('button');\n"
        "      const show = () => { button.innerHTML = `count is ${model.get('value')}`; };\n"
        "      button.onclick = () => { model.set('value', model.get('value') + 1); model.save_changes(); };\n"
        "      model.on('change:value', show); show(); el.append(button);\n"
        "    }\n"
        "    export default { render };'''\n"
        "    _css = 'button { font-size: 20px; padding: 6px 14px; border-radius: 8px; background: gold }'\n"
        "    value = traitlets.Int(0).tag(sync=True)\n"
        "w = Counter()",
        "w.value = 42",
    ),
    WidgetCase(
        "Sidecar",
        _SLIDER
        + "from sidecar import Sidecar\nw = W.VBox([W.IntSlider(30), W.Button(description='beside')])\n"
        "beside = Sidecar(title='beside')\nwith beside:\n    display(w)",
        "w.children[0].value = 77",
        shown="None",
    ),
]
