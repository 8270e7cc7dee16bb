// Runs in a page of classic Notebook: what `ClassicPage` asks of it, by the names that notebook.js has for it.
() => {
  const notebook = () => window.Jupyter?.notebook;
  const kernel = () => notebook()?.kernel;
  const cell = (index) => {
    const found = notebook().get_cell(index);
    if (!found) throw new Error(`the notebook has no cell ${index}`);
    return found;
  };
  // The notebook's events are jQuery's and come before it has done what they tell of; its state is what counts.
  const poll = async (test) => {
    for (let value; ; await new Promise((resume) => setTimeout(resume, 20))) {
      if ((value = test())) return value;
    }
  };
  // What the kernel published before its answer is in the page when its status says idle.
  const ask = (expressions) =>
    new Promise((resolve) => {
      let content = null;
      let idle = false;
      const done = () => content && idle && resolve(content);
      const callbacks = {
        shell: { reply: (message) => ((content = message.content), done()) },
        iopub: { status: ({ content: { execution_state: state } }) => ((idle ||= state === "idle"), done()) },
      };
      kernel().execute("", callbacks, { silent: true, store_history: false, user_expressions: expressions });
    });

  const functions = {
    async ready() {
      await poll(() => notebook()?._fully_loaded && kernel()?.is_connected());
      await functions.idle();
    },
    idle: () => ask({}),
    start(index) {
      notebook().select(index);
      notebook().execute_cells([index]);
    },
    async finished(index) {
      await poll(() => !cell(index).element.hasClass("running"));
      await ask({});
      return functions.outputs(index).some((output) => output.output_type === "error");
    },
    addCell(source) {
      notebook().insert_cell_at_bottom("code").set_text(source);
      return notebook().ncells() - 1;
    },
    setSource: (index, source) => cell(index).set_text(source),
    cellCount: () => notebook().ncells(),
    isRunning: (index) => cell(index).element.hasClass("running"),
    outputs: (index) => cell(index).output_area.toJSON(),
    show(index) {
      const [element] = cell(index).element;
      element.scrollIntoView();
      return (element.dataset.testCell = cell(index).cell_id);
    },
    clearOutput: (index) => cell(index).clear_output(),
    async evaluate(code) {
      const content = await ask({ value: code });
      if (content.status !== "ok") return { status: "error", ename: "kernel", evalue: content.status };
      return content.user_expressions.value;
    },
    interrupt: () => kernel().interrupt(),
    save: () => notebook().save_notebook(),
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
