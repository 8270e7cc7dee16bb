import { expect, it } from "vitest";
import { Remarks } from "./remarks";

it("keeps remarks of several kinds beside each other, and lets them go one by one", () => {
  const told: string[] = [];
  const remarks = new Remarks(() => told.push(remarks.text));
  remarks.gaps(true);
  remarks.size(9000, 8192);
  expect(remarks.text).toContain("another site");
  expect(remarks.text).toContain("9000 px long");
  remarks.gaps(true); // says nothing new
  expect(told).toHaveLength(2);
  remarks.gaps(false);
  expect(remarks.text).toBe("The widget is 9000 px long: its picture is made smaller, to 8192 px.");
  remarks.size(8192, 8192);
  expect(remarks.text).toBe("");
});
