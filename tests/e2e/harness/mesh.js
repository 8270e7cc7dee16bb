// A page in a room without any kernel: the runtime and the chunks as they are built, their models, and in the kernels' place
// a script that says hello to the other pages of the browser's profile and forwards what the pages say to each other.
(() => {
  const parameters = new URLSearchParams(location.search);
  const own = parameters.get("id");
  const ROOM = "room";

  // What anywidget gives: a model. `heard` is what the page sends to the kernel.
  class Model {
    constructor(state, heard = () => {}) {
      this.state = state;
      this.heard = heard;
      this.events = new EventTarget();
      this.listeners = new Map();
    }
    get(name) { return this.state[name]; }
    set(name, value) {
      if (this.state[name] === value) return;
      this.state[name] = value;
      this.tell(`change:${name}`);
    }
    save_changes() {}
    on(type, listener) {
      const known = this.listeners.get(type) ?? new Set();
      this.listeners.set(type, known.add(listener));
    }
    off(type, listener) { this.listeners.get(type)?.delete(listener); }
    tell(type, ...values) { for (const listener of [...(this.listeners.get(type) ?? [])]) listener(...values); }
    send(content, _, buffers = []) { this.heard(content, buffers); }
  }

  class Kernel {
    constructor() {
      this.call = crypto.randomUUID();
      this.peers = new Map(); // by id: {call, attempt, nickname, relayed, relay}
      this.said = []; // what the page said of rooms
      this.signals = 0;
      this.lost = () => false; // which of the page's signals get lost
      this.joined = true;
      this.stream = "camera-model";
      this.ice = { ice_servers: [], relay_only: false };
      this.handlers = {};
      this.between = new BroadcastChannel("kernels");
      this.between.addEventListener("message", ({ data }) => this.heardKernel(data));
      this.channel = new Model({ _session: "session" }, (content, buffers) => this.heardPage(content, buffers));
    }

    toPage(message, buffer) {
      const buffers = buffer === undefined ? [] : [new DataView(buffer)];
      if (this.page !== undefined) this.channel.tell("msg:custom", { page: this.page, message }, buffers);
    }

    toKernels(data) { this.between.postMessage({ from: own, ...data }); }

    greet(reply) { this.toKernels({ type: "greet", call: this.joined ? this.call : "", reply }); }

    heardKernel({ from, to, type, ...data }) {
      if (to !== undefined && to !== own) return;
      if (type === "greet") {
        const known = this.peers.get(from);
        this.peers.set(from, { attempt: 0, ...known, call: data.call });
        if (!data.reply) this.greet(true);
        this.tellCall();
      } else if (type === "renew") {
        this.change(from, { attempt: data.attempt });
      } else if (type === "signal") {
        this.signals += 1;
        this.toPage({ ...data.signal, type: "room.signal", room: ROOM, peer: from });
      } else if (type === "leave") {
        this.drop(from);
      } else if (type === "media") {
        if (this.peers.get(from)?.relayed) this.toPage({ ...data.message, stream: `relay-${from}` }, data.buffer);
      } else if (type === "credit") {
        this.toPage({ ...data.message, stream: "up" });
      }
    }

    async heardPage({ page, message }, buffers) {
      this.page = page;
      if (message.type === "link.hello") {
        this.toPage({ type: "link.welcome", version: message.version, capabilities: { encode: [], decode: [] }, during_cells: true });
      } else if (message.type === "link.want_chunk") {
        this.toPage({ type: "link.chunk", name: message.name }, await chunk(message.name));
      } else if (message.type === "room.hello") {
        this.tellCall();
        this.greet(false);
      } else if (message.type === "room.signal") {
        const { own_call, call, attempt, description, candidate } = message;
        const signal = { own_call, call, attempt, ...(description && { description }), ...(candidate && { candidate }) };
        if (!this.lost(message)) this.toKernels({ type: "signal", to: message.peer, signal });
      } else if (message.type === "room.quit") {
        this.joined = message.again;
        this.toKernels({ type: "leave" });
        if (message.again) this.greet(false);
        this.tellCall();
      }
      this.relay(message, buffers);
      if (message.type.startsWith("room.")) this.said.push({ ...message, at: performance.timeOrigin + performance.now() });
      this.handlers[message.type]?.(message, buffers);
    }

    // What pages send to be relayed, and what they say of what came: a kernel's part in it, without any judgement.
    relay(message, [buffer]) {
      if (["frame.data", "sound.data"].includes(message.type) && message.stream === "up") {
        this.relayed = (this.relayed ?? 0) + 1;
        this.toKernels({ type: "media", message, buffer: buffer.slice().buffer });
      } else if (["frame.credit", "frame.key_request"].includes(message.type)) {
        this.toKernels({ type: "credit", to: message.stream.replace("relay-", ""), message });
      }
    }

    relayFor(peer, wanted) {
      const relay = { type: "room.relay", room: ROOM, call: this.call, relay: "up", epoch: 1 };
      this.toPage(wanted ? { ...relay, codec: "h264", sound: "opus", width: 320, height: 240 } : relay);
      this.change(peer, { relayed: wanted, relay: wanted ? `relay-${peer}` : "" });
    }

    tellCall() {
      const joined = this.joined;
      const peers = [...this.peers].map(([peer, { call, attempt, relayed = false, relay = "" }]) => ({
        peer, call, attempt, polite: own > peer, nickname: peer, widget: `remote-${peer}-model`, relayed, relay,
      }));
      for (const [peer] of this.peers) showPeer(peer);
      this.toPage({
        type: "room.call", room: ROOM, participant: joined ? own : "", call: joined ? this.call : "",
        stream: this.stream, peers: joined ? peers : [], ...this.ice,
      });
    }

    change(peer, changes) {
      this.peers.set(peer, { ...this.peers.get(peer), ...changes });
      this.tellCall();
    }

    drop(peer) {
      this.peers.delete(peer);
      this.tellCall();
      views.get(peer)?.remove();
    }

    // As the kernels do where a connection is to be made anew: both sides at once, in any order.
    renew(peer) {
      const attempt = this.peers.get(peer).attempt + 1;
      this.toKernels({ type: "renew", to: peer, attempt });
      this.change(peer, { attempt });
    }

    show(stream) {
      this.stream = stream;
      this.tellCall();
    }

    states(peer) { return this.said.filter((one) => one.type === "room.peer_state" && one.peer === peer); }
  }

  // The built chunk; the room that it makes is kept where the tests find it.
  const chunk = async (name) => {
    if (name === "rooms") {
      const text = `import * as rooms from "${location.origin}/static/chunks/rooms.js";
        export const { RemoteSource, renderRoom } = rooms;
        export class RoomLive extends rooms.RoomLive {
          constructor(...all) { super(...all); globalThis.__mesh.live = this; }
        }`;
      return new TextEncoder().encode(text).buffer;
    }
    return (await fetch(`/static/chunks/${name}.js`)).arrayBuffer();
  };

  const always = new AbortController().signal;
  const views = new Map();
  let hooks;
  const addModel = (state, heard) => {
    const model = new Model({ _session: "session", _capture_page: kernel.page, ...state }, heard);
    hooks.initialize({ model, signal: always });
    return model;
  };
  const showModel = (model, name) => {
    const el = Object.assign(document.createElement("div"), { id: name });
    document.body.append(el);
    hooks.render({ model, el, signal: always });
    return el;
  };
  const showPeer = (peer) => {
    if (views.has(peer)) return;
    const model = addModel({
      _kind: "remote", _stream: `remote-${peer}`, _own_id: `remote-${peer}-model`, _room: ROOM, _peer: peer,
    });
    views.set(peer, showModel(model, `remote-${peer}`));
  };

  const drawStill = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 200, height: 100 });
    const context = canvas.getContext("2d");
    const stream = canvas.captureStream();
    context.fillStyle = "rgb(0 128 0)";
    context.fillRect(0, 0, 200, 100);
    return stream;
  };

  const kernel = new Kernel();
  const mesh = { kernel, live: null, models: {}, connections: [], still: drawStill() };
  globalThis.__mesh = mesh;

  // Every connection of the page, to count those that are open and to read their statistics.
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...all) {
      super(...all);
      mesh.connections.push(this);
    }
  };
  mesh.open = () => mesh.connections.filter(({ connectionState }) => connectionState !== "closed").length;

  mesh.start = async (stream) => {
    const runtime = await import("/static/runtime.js");
    hooks = (await import("/static/stub.js")).default;
    runtime.default.initialize({ model: kernel.channel, signal: always });
    while (kernel.page === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    const camera = { constraints: { video: true, audio: parameters.get("sound") !== null }, device: "", microphone: "", playing: true };
    mesh.models.camera = addModel({ _kind: "camera", _stream: "camera", _own_id: "camera-model", ...camera });
    mesh.models.pattern = addModel({
      _kind: "pattern", _stream: "pattern", _own_id: "pattern-model", width: 240, height: 240, fps: 30,
    });
    kernel.stream = stream;
    mesh.room = new AbortController();
    const model = new Model({ _session: "session", _kind: "room", _room: ROOM, _own_id: "room-model" });
    // Another library's widget, on which nobody draws any more.
    model.widget_manager = { get_model: async () => ({ get: () => undefined, captureStream: () => mesh.still }) };
    hooks.initialize({ model, signal: mesh.room.signal });
  };
})();
