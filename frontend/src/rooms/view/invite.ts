import type { AnyModel } from "@anywidget/types";
import { element } from "../../ui/element";
import { readString } from "../../ui/traits";
import { roomIcon } from "./room_icons";

/** How long it says that the invite was copied. */
const SAID_MS = 2500;

/** The button that copies the invite. Where the browser does not let it, the invite is shown, selected, to be copied by hand. */
export function renderInvite(model: AnyModel, signal: AbortSignal): HTMLElement {
  const text = element("span", "ipymedia-invite-text");
  // Beside the button: what is within one is not announced.
  const heard = element("span", "ipymedia-heard", { role: "status" });
  const sign = element("span", "ipymedia-invite-sign");
  const button = element("button", "ipymedia-invite", { type: "button" }, [sign, text]);
  const field = element("input", "ipymedia-invite-field", { type: "text", readonly: "", "aria-label": "Invite to copy" });
  const hint = element("span", "ipymedia-invite-hint", {}, [`Copy it with ${modifier()}+C`]);
  const byHand = element("span", "ipymedia-invite-by-hand", {}, [field, hint]);
  byHand.hidden = true;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = (copied: boolean): void => {
    text.textContent = copied ? "Copied" : "Copy invite";
    heard.textContent = copied ? "Invite copied" : "";
    sign.replaceChildren(roomIcon(copied ? "check" : "copy"));
    button.title = copied ? "Copied" : "Copy the invite: who has it can join";
  };
  const said = (): void => {
    look(true);
    clearTimeout(timer);
    timer = setTimeout(() => look(false), SAID_MS);
  };
  const copy = async (): Promise<void> => {
    const invite = readString(model, "invite");
    try {
      // Not there on an insecure page; TypeScript takes it for always there.
      await (navigator.clipboard as Clipboard | undefined)?.writeText(invite);
      if ("clipboard" in navigator) {
        byHand.hidden = true;
        said();
        return;
      }
    } catch {
      // Not allowed: by hand, then.
    }
    field.value = invite;
    byHand.hidden = false;
    field.focus();
    field.select();
  };
  button.addEventListener("click", () => void copy(), { signal });
  field.addEventListener("focus", () => field.select(), { signal });
  field.addEventListener("copy", said, { signal });
  field.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      byHand.hidden = true;
      button.focus();
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  look(false);
  return element("span", "ipymedia-invite-place", {}, [button, byHand, heard]);
}

function modifier(): string {
  return /mac|iphone|ipad/iu.test(navigator.platform) ? "⌘" : "Ctrl";
}
