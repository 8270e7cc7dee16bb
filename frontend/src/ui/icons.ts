/** Drawn as strokes on a field of 24 × 24, in the colour of the text. */
const PATHS = {
  pause: "M8.5 5v14M15.5 5v14",
  play: "M7.5 5.2v13.6L18.8 12z",
  microphone: "M12 3.2a3 3 0 0 1 3 3v5.4a3 3 0 0 1-6 0V6.2a3 3 0 0 1 3-3zM5.8 11.2v.6a6.2 6.2 0 0 0 12.4 0v-.6M12 18v3",
  microphoneOff:
    "M9 5.2a3 3 0 0 1 6 1v4.9M9 9.2v2.4a3 3 0 0 0 4.6 2.5M5.8 11.2v.6a6.2 6.2 0 0 0 10 5M18.2 11.2v.6q0 .9-.3 1.8M12 18v3M4 3.5l16 17",
  speaker: "M4.5 9.5v5h3.2l4.3 3.8V5.7L7.7 9.5zM15.2 9a4.2 4.2 0 0 1 0 6M17.6 6.6a7.6 7.6 0 0 1 0 10.8",
  speakerOff: "M4.5 9.5v5h3.2l4.3 3.8V5.7L7.7 9.5zM15.5 9.8l4.6 4.6M20.1 9.8l-4.6 4.6",
  devices:
    "M4 7.2h10.6M18.4 7.2H20M4 16.8h1.6M9.4 16.8H20M16.5 9.3a2.1 2.1 0 1 0 0-4.2 2.1 2.1 0 0 0 0 4.2zM7.5 18.9a2.1 2.1 0 1 0 0-4.2 2.1 2.1 0 0 0 0 4.2z",
  mirror: "M12 3.5v17M9 7.5 3.5 17.5H9zM15 7.5l5.5 10H15z",
  snapshot:
    "M4.5 7.5h3l1.6-2.4h5.8l1.6 2.4h3a1.4 1.4 0 0 1 1.4 1.4v8.7a1.4 1.4 0 0 1-1.4 1.4h-15a1.4 1.4 0 0 1-1.4-1.4V8.9a1.4 1.4 0 0 1 1.4-1.4zM12 16.3a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8z",
  figures: "M4 20h16M6.5 16.5v-4M11 16.5V8.2M15.5 16.5v-6M19.5 16.5V5",
  fullscreen: "M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15",
  fullscreenExit: "M9 4.5V9H4.5M19.5 9H15V4.5M15 19.5V15h4.5M4.5 15H9v4.5",
  warning: "M12 4 2.8 20h18.4zM12 10v4.6M12 17.2v.3",
  camera: "M4.2 6.5h9.2a1.4 1.4 0 0 1 1.4 1.4v8.2a1.4 1.4 0 0 1-1.4 1.4H4.2a1.4 1.4 0 0 1-1.4-1.4V7.9a1.4 1.4 0 0 1 1.4-1.4zM14.8 10.6l6.2-3.4v9.6l-6.2-3.4",
  stopped: "M6.5 6.5h11v11h-11z",
  record: "M12 18.2a6.2 6.2 0 1 0 0-12.4 6.2 6.2 0 0 0 0 12.4z",
  download: "M12 4v10.5M7.5 10.5 12 15l4.5-4.5M5 19.5h14",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
} as const;

export type IconName = keyof typeof PATHS;

const SVG = "http://www.w3.org/2000/svg";

/** An icon without a name of its own: the button around it has one. */
export function icon(name: IconName): SVGSVGElement {
  return drawIcon(PATHS[name]);
}

/** The icon of a path that a chunk brings with it. */
export function drawIcon(strokes: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "ipymedia-icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", strokes);
  svg.append(path);
  return svg;
}
