/** A chunk of its own: what a page needs when it first captures a widget. */
export { WidgetSource } from "./widget/widget_source";
