import { DuplexSocket } from "./client/index.js";

/** The ways, in the order of the page; `via` are the carriers of our client, none for the browser's own WebSocket. */
const WAYS = [
  { id: "short-polling", title: "short polling", via: "poll" },
  { id: "long-polling", title: "long polling", via: "long" },
  { id: "sse", title: "server-sent events", via: "sse" },
  { id: "websocket", title: "WebSocket", via: null },
];
const CLOCK_PROBES = 10;
const PLOT = { left: 150, right: 700, top: 20, row: 55, least: 0.1 };

const $ = (id) => document.getElementById(id);
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const nowMicros = () => (performance.timeOrigin + performance.now()) * 1000;

let run = null;

// The plan

const form = $("plan");
form.elements.pollMillis.addEventListener("input", (event) => ($("poll-value").value = event.target.value));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  start(Object.fromEntries(new FormData(form)));
});
$("stop").addEventListener("click", () => run?.stop("stopped"));

function state(text) {
  $("state").textContent = text;
}

function start(plan) {
  run?.stop("stopped");
  $("failure").textContent = "";
  run = new Run(plan);
  window.lab = run; // for those who look at it from the console
}

/** One experiment: a control connection, and clients of each way. */
class Run {
  constructor(plan) {
    this.plan = plan;
    this.offset = 0;
    this.bestTrip = Infinity;
    this.probes = 0;
    this.ways = WAYS.map((way) => ({ ...way, latencies: [], delivered: 0, disordered: 0, dots: new Map(), sockets: [], costs: null }));
    this.ended = false;
    this.reported = null;
    this.control = new WebSocket(new URL("lab/control", location.href.replace(/^http/, "ws")));
    this.control.onopen = () => this.probe();
    this.control.onmessage = ({ data }) => this.told(JSON.parse(data));
    this.control.onclose = () => this.stop("the server ended it");
    state("measuring clocks");
    $("start").disabled = true;
    $("stop").disabled = false;
  }

  command(command, more = {}) {
    this.control.send(JSON.stringify({ command, ...more }));
  }

  probe() {
    this.command("time", { sent: String(nowMicros()) });
  }

  told(message) {
    if (message.kind === "time") this.clock(message);
    else if (message.kind === "started") this.connect(message);
    else if (message.kind === "costs") this.costs(message.ways);
    else if (message.kind === "failed") {
      $("failure").textContent = message.why;
      this.stop("failed");
    }
  }

  /** The answer that was quickest tells the difference of the clocks best. */
  clock({ sent, micros }) {
    const now = nowMicros();
    const trip = now - Number(sent);
    if (trip < this.bestTrip) {
      this.bestTrip = trip;
      this.offset = (now + Number(sent)) / 2 - micros;
      $("clock").value = `${(this.offset / 1000).toFixed(1)} ms (± ${(trip / 2000).toFixed(1)} ms)`;
    }
    if (++this.probes < CLOCK_PROBES) this.probe();
    else this.command("start", this.plan);
  }

  async connect({ ports, path }) {
    state("connecting");
    const opening = [];
    for (const way of this.ways) {
      for (let i = 0; i < Number(this.plan.clients); i++) {
        if (way.id === "short-polling" && i > 0) {
          // Clients that all began at once would go on asking at once, at the same distance from events that come in a beat.
          await pause(Number(this.plan.pollMillis) / Number(this.plan.clients));
          if (this.ended) return;
        }
        const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.hostname}:${ports[way.id]}${path}`;
        const socket = way.via === null
          ? new WebSocket(url)
          : new DuplexSocket(url, [], { via: [way.via], pollMillis: Number(this.plan.pollMillis) });
        let last = 0;
        socket.onmessage = ({ data }) => (last = this.arrived(way, data, last, i === 0));
        const opened = new Promise((resolve, reject) => {
          socket.onopen = resolve;
          socket.onclose = () => reject(new Error(`${way.title}: a client cannot connect, or was closed`));
        });
        opened.catch(() => {}); // told below, once all have been opened
        opening.push(opened);
        way.sockets.push(socket);
      }
    }
    try {
      await Promise.all(opening);
    } catch (fault) {
      $("failure").textContent = fault.message;
      this.stop("failed");
      return;
    }
    if (this.ended) return;
    this.command("begin");
    state("running");
    requestAnimationFrame(() => this.draw());
  }

  arrived(way, text, last, first) {
    const [number, micros] = text.split(" ", 2).map(Number);
    const happened = micros + this.offset;
    const now = nowMicros();
    way.latencies.push(Math.max(0, now - happened) / 1000);
    way.delivered++;
    if (last !== 0 && number !== last + 1) way.disordered++;
    if (first) {
      // Who has it first tells the others that it is under way.
      for (const each of this.ways) if (!each.dots.has(number)) each.dots.set(number, { happened, arrived: 0 });
      way.dots.get(number).arrived = now;
    }
    return number;
  }

  costs(ways) {
    this.reported = { atMillis: nowMicros() / 1000, ways };
    for (const way of this.ways) way.costs = ways[way.id];
    this.table();
    this.plot();
    for (const id of ["csv", "svg", "png"]) $(id).disabled = false;
  }

  /** The values of the table and of the files, by way. */
  results() {
    return this.ways.filter((way) => way.costs).map((way) => {
      const sorted = Float64Array.from(way.latencies).sort();
      const at = (part) => (sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]);
      const { requests, empty, up, down, connections, cpuMicros, published } = way.costs;
      return {
        id: way.id, title: way.title, published, delivered: way.delivered, disordered: way.disordered,
        p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1),
        requests, empty, up, down, connections,
        bytes: (up + down) / way.delivered, cpu: cpuMicros / way.delivered,
      };
    });
  }

  table() {
    const number = (value, digits = 0) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
    $("results").tBodies[0].replaceChildren(...this.results().map((result) => {
      const row = document.createElement("tr");
      row.dataset.way = result.id;
      const cells = [
        result.title, number(result.delivered), number(result.p50, 1), number(result.p99, 1), number(result.requests),
        number(result.empty), number(result.up), number(result.down), number(result.bytes), number(result.connections),
        number(result.cpu, 1),
      ];
      for (const [index, text] of cells.entries()) {
        const cell = document.createElement("td");
        if (index > 0) cell.className = "right";
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    }));
    const half = Number(this.plan.pollMillis) / 2;
    const polls = this.results().find((result) => result.id === "short-polling");
    $("theory").textContent = `Theory: a short poll finds an event after half its interval, ${half} ms, on average; measured here: `
      + (polls && Number.isFinite(polls.p50) ? `${polls.p50.toFixed(1)} ms in the middle.` : "nothing yet.");
  }

  plot() {
    const svg = $("plot");
    const make = (name, attributes, text) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      if (text !== undefined) element.textContent = text;
      return element;
    };
    const results = this.results().filter((result) => result.delivered > 0);
    const most = Math.max(10, ...results.map((result) => result.most));
    const decades = Math.ceil(Math.log10(most / PLOT.least));
    const x = (value) => PLOT.left + ((PLOT.right - PLOT.left) * Math.log10(Math.max(value, PLOT.least) / PLOT.least)) / decades;
    const parts = [];
    for (let decade = 0; decade <= decades; decade++) {
      const value = PLOT.least * 10 ** decade;
      parts.push(make("line", { class: "grid", x1: x(value), x2: x(value), y1: 8, y2: 235, stroke: "#ccc" }));
      parts.push(make("text", { class: "muted", x: x(value), y: 252, "text-anchor": "middle" }, `${value < 1 ? "0.1" : value} ms`));
    }
    results.forEach((result, index) => {
      const y = PLOT.top + index * PLOT.row;
      parts.push(make("text", { x: 8, y: y + 14 }, result.title));
      parts.push(make("rect", { x: x(result.p50), y, width: Math.max(2, x(result.p99) - x(result.p50)), height: 18, fill: "#0b6b5d" }));
      parts.push(make("line", { x1: x(result.p90), x2: x(result.p90), y1: y, y2: y + 18, stroke: "#fff" }));
      parts.push(make("circle", { cx: x(result.most), cy: y + 9, r: 4, fill: "#b3520c" }));
      parts.push(make("text", { class: "muted", x: PLOT.left, y: y + 33 },
        `p50 ${result.p50.toFixed(1)}, p99 ${result.p99.toFixed(1)}, greatest ${result.most.toFixed(1)} ms`));
    });
    svg.replaceChildren(...parts);
  }

  /** Events under way: from the left, where they happen, to the right, by their age. */
  draw() {
    if (this.ended) return;
    const canvas = $("lanes");
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const [ink, line, filled] = ["--muted", "--line", "--out"].map((name) => style.getPropertyValue(name).trim());
    const span = Math.max(2000, 1.5 * Number(this.plan.pollMillis) + 4 * Number(this.plan.rttMillis)) * 1000;
    $("lane-seconds").textContent = (span / 1e6).toFixed(1);
    const now = nowMicros();
    const height = canvas.height / this.ways.length;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.font = "13px system-ui, sans-serif";
    this.ways.forEach((way, lane) => {
      const y = (lane + 0.65) * height;
      context.fillStyle = ink;
      context.fillText(way.title, 4, y - 14);
      context.fillStyle = line;
      context.fillRect(0, y, canvas.width, 1);
      for (const [number, dot] of way.dots) {
        const age = now - dot.happened;
        if (age > span) {
          way.dots.delete(number);
          continue;
        }
        const position = (canvas.width * age) / span;
        const there = dot.arrived === 0 ? position : (canvas.width * (dot.arrived - dot.happened)) / span;
        context.beginPath();
        context.arc(Math.min(position, Math.max(there, 3)), y, 5, 0, 2 * Math.PI);
        context.globalAlpha = dot.arrived === 0 ? 1 : Math.max(0.15, 1 - (now - dot.arrived) / 1e6);
        context.strokeStyle = context.fillStyle = filled;
        if (dot.arrived === 0) context.stroke();
        else context.fill();
        context.globalAlpha = 1;
      }
    });
    requestAnimationFrame(() => this.draw());
  }

  stop(why) {
    if (this.ended) return;
    this.ended = true;
    for (const way of this.ways) {
      for (const socket of way.sockets) {
        socket.onclose = null;
        socket.close();
      }
    }
    this.control.close();
    state(why);
    $("start").disabled = false;
    $("stop").disabled = true;
  }
}

// Files

const COLUMNS = [
  ["way", "id"], ["published", "published"], ["delivered", "delivered"], ["out_of_order", "disordered"], ["requests", "requests"],
  ["empty_answers", "empty"], ["bytes_up", "up"], ["bytes_down", "down"], ["connections", "connections"],
  ["latency_p50_ms", "p50"], ["latency_p99_ms", "p99"], ["latency_max_ms", "most"], ["server_cpu_us_per_delivery", "cpu"],
];

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

$("csv").addEventListener("click", () => {
  const lines = [COLUMNS.map(([name]) => name), ...run.results().map((result) => COLUMNS.map(([, key]) => result[key]))];
  save(new Blob([lines.map((line) => line.join(",") + "\r\n").join("")], { type: "text/csv" }), "duplex-lab.csv");
});

/** The picture with the colours that the page's sheet would give it. */
function picture() {
  const copy = $("plot").cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", "720");
  copy.setAttribute("height", "260");
  copy.setAttribute("font-family", "sans-serif");
  copy.setAttribute("font-size", "13");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [key, value] of [["width", "720"], ["height", "260"], ["fill", "#fff"]]) ground.setAttribute(key, value);
  copy.prepend(ground);
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
}

$("svg").addEventListener("click", () => save(picture(), "duplex-lab.svg"));

$("png").addEventListener("click", async () => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await picture().text())}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 1440;
  canvas.height = 520;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save(blob, "duplex-lab.png"), "image/png");
});
