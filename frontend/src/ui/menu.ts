import { element } from "./element";
import { icon } from "./icons";
import { focusFirst, moveFocus, placeMenu } from "./menu_focus";

let menus = 0;

/** A button with its menu. */
export interface Menu {
  readonly button: HTMLButtonElement;
  readonly menu: HTMLElement;
  /** Fills it anew, if it is open. */
  readonly refresh: () => void;
}

/** A button and the menu that it opens: a popover, so that neither the cell's output nor a small picture cuts it. */
export function renderMenu(name: string, entries: (close: () => void) => Promise<HTMLElement[]>, signal: AbortSignal): Menu {
  menus += 1;
  const menu = element("div", "ipymedia-menu", { id: `ipymedia-menu-${menus}`, role: "menu", "aria-label": name, popover: "auto" });
  const button = element(
    "button",
    "ipymedia-button ipymedia-choose",
    { type: "button", "aria-label": name, title: name, "aria-haspopup": "menu", "aria-expanded": "false" },
    [icon("devices")],
  );
  button.popoverTargetElement = menu;
  let open = false;

  const fill = async (): Promise<void> => {
    const filling = await entries(() => menu.hidePopover());
    if (!open || signal.aborted) return;
    const focused = menu.contains(menu.ownerDocument.activeElement);
    const at = [...menu.querySelectorAll("button")].findIndex((entry) => entry === menu.ownerDocument.activeElement);
    menu.replaceChildren(...filling);
    placeMenu(menu, button);
    if (!focused || at < 0) focusFirst(menu);
    else menu.querySelectorAll("button")[at]?.focus();
  };
  menu.addEventListener(
    "toggle",
    (event) => {
      open = event.newState === "open";
      button.ariaExpanded = String(open);
      if (open) void fill();
      else menu.replaceChildren();
    },
    { signal },
  );
  menu.addEventListener("keydown", (event) => moveFocus(menu, event), { signal });
  const refresh = (): void => {
    if (open) void fill();
  };
  return { button, menu, refresh };
}

export function menuGroup(title: string, items: readonly HTMLElement[]): HTMLElement {
  const heading = element("div", "ipymedia-menu-title", { "aria-hidden": "true" }, [title]);
  return element("div", "ipymedia-menu-group", { role: "group", "aria-label": title }, [heading, ...items]);
}

export function menuItem(role: string, text: string, checked: boolean, choose: () => void): HTMLButtonElement {
  const made = element("button", "ipymedia-menu-item", { type: "button", role, "aria-checked": String(checked), tabindex: "-1" }, [
    icon("check"),
    element("span", "", {}, [text]),
  ]);
  made.addEventListener("click", choose);
  return made;
}

/** What stands in a group that has nothing to choose. */
export function menuEmpty(text: string): HTMLElement {
  return element("div", "ipymedia-menu-empty", {}, [text]);
}
