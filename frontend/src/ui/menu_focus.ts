const MARGIN_PX = 6;

/** Above the button where there is room, else below; inside the window in any case. */
export function placeMenu(menu: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const above = anchor.top - height - MARGIN_PX;
  const below = Math.min(anchor.bottom + MARGIN_PX, innerHeight - height - MARGIN_PX);
  const left = Math.min(anchor.right - width, innerWidth - width - MARGIN_PX);
  menu.style.top = `${Math.max(MARGIN_PX, above >= MARGIN_PX ? above : below)}px`;
  menu.style.left = `${Math.max(MARGIN_PX, left)}px`;
  menu.dataset["placed"] = "true";
}

/** The checked item, else the first. */
export function focusFirst(menu: HTMLElement): void {
  const items = itemsOf(menu);
  (items.find((item) => item.ariaChecked === "true") ?? items[0])?.focus();
}

/** Arrow keys, Home and End move through the items, as the ARIA practices for menus have it; Tab closes the menu. */
export function moveFocus(menu: HTMLElement, event: KeyboardEvent): void {
  if (event.key === "Tab") {
    menu.hidePopover();
    return;
  }
  const items = itemsOf(menu);
  const at = items.findIndex((item) => item === event.target);
  const to = nextIndex(event.key, at, items.length);
  if (to === null) return;
  event.preventDefault();
  event.stopPropagation();
  items[to]?.focus();
}

export function nextIndex(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (Math.max(at, 0) - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>(".ipymedia-menu-item")].filter((item) => item.offsetParent !== null);
}
