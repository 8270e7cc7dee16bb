import { expect, it } from "vitest";
import { clock } from "./media_controls";
import { fitting } from "./surfaces";

it("shows times as players do", () => {
  expect([0, 5.9, 65, 3723].map(clock)).toEqual(["0:00", "0:05", "1:05", "1:02:03"]);
});

it("fits what a surface holds into its box as CSS does", () => {
  const box = { x: -50, y: -50, width: 100, height: 100 };
  const size = { width: 200, height: 100 };
  expect(fitting("fill", size, box)).toEqual(box);
  expect(fitting("contain", size, box)).toEqual({ x: -50, y: -25, width: 100, height: 50 });
  expect(fitting("cover", size, box)).toEqual({ x: -100, y: -50, width: 200, height: 100 });
  expect(fitting("none", size, box)).toEqual({ x: -100, y: -50, width: 200, height: 100 });
  expect(fitting("scale-down", { width: 20, height: 10 }, box)).toEqual({ x: -10, y: -5, width: 20, height: 10 });
});
