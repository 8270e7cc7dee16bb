import { describe, expect, it } from "vitest";
import { waitedFor } from "./concerned_rules";

describe("what an element must have for a selector to fit", () => {
  it.each([
    [".jp-Cell > .widget-slider .noUi-handle:hover", [".noUi-handle"]],
    ["button.mod-primary, #main", [".mod-primary", "#main"]],
    [".fa-play::before", [".fa-play"]],
    ["DIV", ["div"]],
    ["ul li:nth-child(2n + 1)", ["li"]],
    ["a[href='x, .y z']:not(.b, .c)", ["a"]],
    ["input[title=\"a) ],\"].mod-x:hover::before", [".mod-x"]],
    ["td:first-child.wide", [".wide"]],
    [".a:is(.b:not(.c)) + path.line", [".line"]],
  ])("%s", (selector, names) => {
    expect(waitedFor(selector)).toEqual(names);
  });

  it.each(["*", ".a > *", ":root", ".a, [data-b]", ":is(.a, .b)", "&.a", ":host(.a)", ".a\\:b", "svg|path", "::before"])("cannot be told of %s", (selector) => {
    expect(waitedFor(selector)).toBeNull();
  });
});
