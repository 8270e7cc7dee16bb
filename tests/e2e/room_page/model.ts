import type { renderRoom } from "../../../frontend/src/rooms/room_view";

export type Traits = Record<string, unknown>;
export type AnyModel = Parameters<typeof renderRoom>[0];

/** A model as anywidget gives one, of a notebook with a widget manager. */
export class Model {
  readonly #traits: Traits;
  readonly #models: ReadonlyMap<string, Model>;
  readonly #listeners = new EventTarget();
  readonly #wrapped = new Map<unknown, EventListener>();

  constructor(traits: Traits, models: ReadonlyMap<string, Model> = new Map()) {
    this.#traits = traits;
    this.#models = models;
  }

  readonly widget_manager = {
    get_model: async (id: string): Promise<unknown> => {
      const model = this.#models.get(id);
      if (model === undefined) throw new Error(`no model ${id}`);
      return model;
    },
  };

  get(name: string): unknown {
    return this.#traits[name];
  }

  set(name: string, value: unknown): void {
    this.#traits[name] = value;
    this.#listeners.dispatchEvent(new Event(`change:${name}`));
  }

  save_changes(): void {
    // There is no kernel.
  }

  on(name: string, callback: () => void): void {
    const listener: EventListener = () => callback();
    this.#wrapped.set(callback, listener);
    this.#listeners.addEventListener(name, listener);
  }

  off(name: string, callback: () => void): void {
    this.#listeners.removeEventListener(name, this.#wrapped.get(callback) ?? null);
  }

  asAny(): AnyModel {
    return this as unknown as AnyModel;
  }
}
