// Binds BrowserWebSocket as the global WebSocket: properties for accessors, undefined for what is left out, JavaScript's own
// conversions. What is more than that is in Java.
(function (global, host, types) {
  'use strict';

  const CODES = { InvalidStateError: 11, SyntaxError: 12, InvalidAccessError: 15 };

  class DOMException extends Error {
    constructor(message, name) {
      super(message);
      Object.defineProperty(this, 'name', { value: name });
    }
    get code() { return CODES[this.name] || 0; }
  }

  function guarded(call) {
    try {
      return call();
    } catch (fault) {
      const name = host.errorName(fault);
      throw name ? new DOMException(String(fault.getMessage()), name) : fault;
    }
  }

  const blobs = new WeakMap();
  function bytesOf(part) {
    if (part instanceof Blob) return new Uint8Array(toBuffer(blobs.get(part).bytes()));
    if (part instanceof ArrayBuffer) return new Uint8Array(part);
    if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    return new Uint8Array(toBuffer(host.utf8(String(part))));
  }
  function toBuffer(bytes) {
    const copy = new Uint8Array(bytes.length);
    for (let i = 0; i < copy.length; i++) copy[i] = bytes[i];
    return copy.buffer;
  }
  class Blob {
    constructor(parts = [], { type = '' } = {}) {
      const arrays = Array.from(parts, bytesOf);
      const all = new Uint8Array(arrays.reduce((sum, one) => sum + one.length, 0));
      arrays.reduce((at, one) => (all.set(one, at), at + one.length), 0);
      blobs.set(this, host.blob(all.buffer, 0, all.length, type));
    }
    static of(blob) {
      const made = Object.create(Blob.prototype);
      blobs.set(made, blob);
      return made;
    }
    get size() { return blobs.get(this).size(); }
    get type() { return blobs.get(this).type(); }
    slice(start = 0, end = this.size, type = '') { return Blob.of(blobs.get(this).slice(start, end).withType(type)); }
    async text() { return blobs.get(this).text(); }
    async arrayBuffer() { return toBuffer(blobs.get(this).bytes()); }
  }

  const events = new WeakMap();
  const wrappers = [];
  class Event {
    constructor(type, { cancelable = false } = {}) {
      if (arguments.length === 0) throw new TypeError('type is missing');
      events.set(this, new types.Event(String(type), Boolean(cancelable)));
    }
    get type() { return events.get(this).type(); }
    get target() { return wrapperOf(events.get(this).target()); }
    get srcElement() { return this.target; }
    get currentTarget() { return wrapperOf(events.get(this).currentTarget()); }
    get eventPhase() { return events.get(this).eventPhase(); }
    get bubbles() { return events.get(this).bubbles(); }
    get cancelable() { return events.get(this).cancelable(); }
    get defaultPrevented() { return events.get(this).defaultPrevented(); }
    get isTrusted() { return events.get(this).isTrusted(); }
    get timeStamp() { return events.get(this).timeStamp(); }
    preventDefault() { events.get(this).preventDefault(); }
    stopPropagation() { events.get(this).stopPropagation(); }
    stopImmediatePropagation() { events.get(this).stopImmediatePropagation(); }
  }
  class CloseEvent extends Event {
    constructor(type, { wasClean = false, code = 0, reason = '' } = {}) {
      super(...arguments);
      events.set(this, new types.CloseEvent(String(type), Boolean(wasClean), code & 0xFFFF, String(reason)));
    }
    get wasClean() { return events.get(this).wasClean(); }
    get code() { return events.get(this).code(); }
    get reason() { return events.get(this).reason(); }
  }
  const contents = new WeakMap();
  class MessageEvent extends Event {
    constructor(type, { data = null, origin = '' } = {}) {
      super(...arguments);
      events.set(this, new types.MessageEvent(String(type), data, String(origin)));
      contents.set(this, data);
    }
    get data() {
      if (!contents.has(this)) {
        const data = events.get(this).data();
        contents.set(this, host.isText(data) ? data
            : host.isBlob(data) ? Blob.of(data) : toBuffer(data.array()));
      }
      return contents.get(this);
    }
    get origin() { return events.get(this).origin(); }
    get lastEventId() { return events.get(this).lastEventId(); }
    get source() { return events.get(this).source(); }
    get ports() { return []; }
  }

  // The script's object for an event or socket of Java; the same for all listeners.
  function wrapperOf(object) {
    return object ? wrappers.find(one => host.isSame(one.object, object)).wrapper : null;
  }
  function wrapped(event) {
    let found = wrappers.find(one => host.isSame(one.object, event));
    if (!found) {
      const kind = event.code ? CloseEvent : event.data ? MessageEvent : Event;
      found = { object: event, wrapper: Object.create(kind.prototype) };
      events.set(found.wrapper, event);
      wrappers.push(found);
    }
    return found.wrapper;
  }

  const listeners = new WeakMap();
  function listenerOf(socket, callback) {
    if (!listeners.has(callback)) {
      listeners.set(callback, host.listener(event => {
        const target = wrapperOf(event.currentTarget());
        if (typeof callback === 'function') callback.call(target, wrapped(event));
        else callback.handleEvent(wrapped(event));
      }));
    }
    return listeners.get(callback);
  }
  const isCapture = options => typeof options === 'object' && options ? Boolean(options.capture) : Boolean(options);

  class EventTarget {
    addEventListener(type, callback, options) {
      if (arguments.length < 2) throw new TypeError('two arguments are needed');
      if (callback !== null && callback !== undefined) {
        const once = Boolean(options && options.once);
        host.add(sockets.get(this), String(type), listenerOf(this, callback), isCapture(options), once);
      }
    }
    removeEventListener(type, callback, options) {
      if (callback !== null && callback !== undefined) {
        host.remove(sockets.get(this), String(type), listenerOf(this, callback), isCapture(options));
      }
    }
    dispatchEvent(event) {
      if (!(event instanceof Event)) throw new TypeError('no event');
      const object = events.get(event);
      if (!wrappers.some(one => host.isSame(one.object, object))) wrappers.push({ object, wrapper: event });
      return guarded(() => sockets.get(this).dispatchEvent(object));
    }
  }

  const sockets = new WeakMap();
  class WebSocket extends EventTarget {
    #handlers = {};

    constructor(url, protocols = []) {
      if (arguments.length === 0) throw new TypeError('url is missing');
      super();
      const names = typeof protocols === 'object' && protocols !== null && Symbol.iterator in protocols
          ? Array.from(protocols, String) : [String(protocols)];
      const socket = guarded(() => host.connect(String(url), names));
      sockets.set(this, socket);
      wrappers.push({ object: socket, wrapper: this });
    }

    get url() { return sockets.get(this).url(); }
    get readyState() { return sockets.get(this).readyState(); }
    get bufferedAmount() { return sockets.get(this).bufferedAmount(); }
    get extensions() { return sockets.get(this).extensions(); }
    get protocol() { return sockets.get(this).protocol(); }
    get binaryType() { return sockets.get(this).binaryType().toString(); }
    set binaryType(value) {
      const type = types.BinaryType.parse(String(value));
      if (type) sockets.get(this).binaryType(type);
    }

    send(data) {
      if (arguments.length === 0) throw new TypeError('data is missing');
      const socket = sockets.get(this);
      guarded(() => {
        if (data instanceof Blob) host.sendBlob(socket, blobs.get(data));
        else if (data instanceof ArrayBuffer) host.sendBytes(socket, data, 0, data.byteLength);
        else if (ArrayBuffer.isView(data)) host.sendBytes(socket, data.buffer, data.byteOffset, data.byteLength);
        else host.sendText(socket, String(data));
      });
    }

    close(code, reason) {
      const socket = sockets.get(this);
      guarded(() => {
        if (code === undefined && reason === undefined) socket.close();
        else if (reason === undefined) socket.close(clamped(code));
        else socket.close(code === undefined ? 1000 : clamped(code), String(reason));
      });
    }

    static handler(type, setter) {
      Object.defineProperty(WebSocket.prototype, 'on' + type, {
        get() { return this.#handlers[type] || null; },
        set(value) {
          const isObject = typeof value === 'function' || typeof value === 'object' && value !== null;
          this.#handlers[type] = isObject ? value : null;
          setter(sockets.get(this), !isObject ? null : event => {
            if (typeof value === 'function') value.call(wrapperOf(event.currentTarget()), wrapped(event));
          });
        },
        enumerable: true,
        configurable: true,
      });
    }
  }
  WebSocket.handler('open', (socket, handler) => socket.onopen(handler));
  WebSocket.handler('message', (socket, handler) => socket.onmessage(handler));
  WebSocket.handler('error', (socket, handler) => socket.onerror(handler));
  WebSocket.handler('close', (socket, handler) => socket.onclose(handler));
  delete WebSocket.handler;

  // [Clamp] unsigned short
  function clamped(value) {
    const number = Number(value);
    if (Number.isNaN(number)) return 0;
    const bounded = Math.min(Math.max(number, 0), 65535);
    const floor = Math.floor(bounded);
    const rest = bounded - floor;
    return rest < 0.5 || rest === 0.5 && floor % 2 === 0 ? floor : floor + 1;
  }

  for (const state of ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']) {
    const constant = { value: types.BrowserWebSocket[state], enumerable: true };
    Object.defineProperty(WebSocket, state, constant);
    Object.defineProperty(WebSocket.prototype, state, constant);
  }
  for (const name of ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType', 'send', 'close']) {
    const property = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
    Object.defineProperty(WebSocket.prototype, name, { ...property, enumerable: true });
  }
  Object.defineProperty(WebSocket.prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true });
  Object.assign(global, { WebSocket, Event, CloseEvent, MessageEvent, EventTarget, Blob, DOMException });
})
