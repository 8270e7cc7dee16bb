import { expect, test } from "vitest";
import { Silence } from "./silence";

test("messages make questions needless", () => {
  const silence = new Silence();
  for (let ms = 1000; ms < 2000; ms += 100) {
    silence.heard(ms);
    expect(silence.look(ms + 50)).toBe("fine");
  }
});

test("a silent way is asked once, and given up within two seconds", () => {
  const silence = new Silence();
  silence.heard(1000);
  const verdicts: string[] = [];
  let ms = 1000;
  while (verdicts.at(-1) !== "broken") verdicts.push(silence.look((ms += 200)));
  expect(verdicts.filter((verdict) => verdict === "ask")).toHaveLength(1);
  expect(ms - 1000).toBeLessThan(2000);
  expect(ms - 1000).toBeGreaterThan(900);
});

test("an answer that was read late is one", () => {
  const silence = new Silence();
  silence.heard(0);
  expect(silence.look(300)).toBe("ask");
  expect(silence.look(5000)).toBe("fine");
  silence.heard(5001);
  expect(silence.look(5200)).toBe("fine");
  expect(silence.look(5300)).toBe("ask");
});
