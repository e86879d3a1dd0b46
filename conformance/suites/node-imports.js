// What the suites of Engine.IO and Socket.IO need in Node, in the place of a file of the same name that comes with them.
import chai from "chai";
import chaiString from "chai-string";
import fetch from "node-fetch";
import { WebSocket as AllAtOnce } from "ws";

const TOLD = ["open", "message", "close", "error"];

/** Tells events one by one, as browsers do: the suites begin to await the next when they have had one. */
class WebSocket extends AllAtOnce {
  #waiting = [];
  #telling = false;

  emit(type, ...values) {
    if (!TOLD.includes(type)) return super.emit(type, ...values);
    if (this.#telling) {
      this.#waiting.push([type, ...values]);
      return true;
    }
    this.#telling = true;
    setImmediate(() => this.#tellNext());
    return super.emit(type, ...values);
  }

  #tellNext() {
    this.#telling = false;
    if (this.#waiting.length > 0) this.emit(...this.#waiting.shift());
  }
}

chai.use(chaiString);
Object.assign(globalThis, { chai, fetch, WebSocket });
