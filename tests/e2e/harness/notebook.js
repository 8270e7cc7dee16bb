// Runs in a JupyterLab or Notebook 7 page that exposes its application: what `NotebookPage` asks of it.
// The shared notebook model and the command registry are what the user interface itself uses.
() => {
  const app = window.jupyterapp;
  const runs = new Map();
  let name = "";
  let subshell = null;

  const panel = () => {
    for (const widget of app.shell.widgets("main")) {
      if (widget.context?.path === name && widget.content?.widgets) return widget;
    }
    return null;
  };
  const kernel = () => panel().sessionContext.session?.kernel;
  const cell = (index) => {
    const found = panel().content.widgets[index];
    if (!found) throw new Error(`the notebook has no cell ${index}`);
    return found;
  };
  // Resolves when `test` gives something true; tried again on each emission of the signals.
  const when = (test, ...signals) =>
    new Promise((resolve) => {
      const attempt = () => {
        const value = test();
        if (!value) return;
        for (const signal of signals) signal.disconnect(attempt);
        resolve(value);
      };
      for (const signal of signals) signal.connect(attempt);
      attempt();
    });
  const poll = async (test) => {
    for (let value; ; await new Promise((resume) => setTimeout(resume, 20))) {
      if ((value = test())) return value;
    }
  };

  const functions = {
    async ready(notebook) {
      name = notebook;
      await app.started;
      // The shell has no signal that all its layouts share for "a document was opened".
      const opened = await poll(panel);
      await opened.revealed;
      await opened.context.ready;
      await opened.sessionContext.ready;
      await functions.idle();
    },
    async idle() {
      const context = panel().sessionContext;
      await when(
        () => context.session?.kernel?.connectionStatus === "connected" && context.session.kernel.status === "idle",
        context.statusChanged, context.connectionStatusChanged, context.kernelChanged,
      );
    },
    start(index) {
      const content = panel().content;
      app.shell.activateById(panel().id);
      content.deselectAll();
      content.activeCellIndex = index;
      content.mode = "command";
      const run = app.commands.execute("notebook:run-cell");
      run.catch(() => {}); // reported by `finished`
      runs.set(cell(index).model.id, run);
    },
    async finished(index) {
      const { model } = cell(index);
      await runs.get(model.id);
      // The promise of the command settles on the reply; the prompt follows when the kernel said idle.
      await when(() => model.executionState !== "running", model.stateChanged);
      return model.outputs.toJSON().some((output) => output.output_type === "error");
    },
    addCell(source) {
      const shared = panel().content.model.sharedModel;
      shared.insertCell(shared.cells.length, { cell_type: "code", source });
      return shared.cells.length - 1;
    },
    setSource: (index, source) => cell(index).model.sharedModel.setSource(source),
    cellCount: () => panel().content.widgets.length,
    isRunning: (index) => cell(index).model.executionState === "running" || cell(index).promptNode?.textContent === "[*]:",
    outputs: (index) => cell(index).model.outputs.toJSON(),
    async show(index) {
      const shown = cell(index);
      await panel().content.scrollToItem(index);
      shown.node.dataset.testCell = shown.model.id;
      return shown.model.id;
    },
    async clearOutput(index) {
      panel().content.deselectAll();
      panel().content.activeCellIndex = index;
      await app.commands.execute("notebook:clear-cell-output");
    },
    async evaluate(code, inSubshell) {
      let connection = kernel();
      if (inSubshell) {
        if (subshell?.id !== connection.id || subshell.isDisposed) {
          const reply = await connection.requestCreateSubshell({}).done;
          subshell = connection.clone({ handleComms: false });
          subshell.subshellId = reply.content.subshell_id;
          await when(() => subshell.connectionStatus === "connected", subshell.connectionStatusChanged);
        }
        connection = subshell;
      }
      const content = { code: "", silent: true, store_history: false, user_expressions: { value: code } };
      const reply = await connection.requestExecute(content).done;
      if (reply.content.status !== "ok") return { status: "error", ename: "kernel", evalue: reply.content.status };
      return reply.content.user_expressions.value;
    },
    interrupt: () => kernel().interrupt(),
    async restart() {
      await panel().sessionContext.restartKernel();
      await functions.idle();
    },
    save: () => panel().context.save(),
    theme: (theme) => app.commands.execute("apputils:change-theme", { theme }),
  };

  window.__notebook = {
    call(what, args, timeoutMs) {
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs);
      });
      return Promise.race([Promise.resolve().then(() => functions[what](...args)), late]).finally(() => clearTimeout(timer));
    },
  };
}
