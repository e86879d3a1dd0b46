/** Reads server-sent events from the text of a stream, whatever pieces it comes in. */
export class EventReader {
  #rest = "";
  #type = "";
  #data = null;
  #id = "";
  #endedWithCr = false;

  /**
   * @param {string} text
   * @param {(event: {type: string, data: string, id: string}) => void} tell
   */
  read(text, tell) {
    if (text === "") return;
    if (this.#endedWithCr && text[0] === "\n") text = text.slice(1);
    this.#endedWithCr = text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line, tell);
  }

  #line(line, tell) {
    if (line === "") {
      if (this.#data !== null) tell({ type: this.#type || "message", data: this.#data, id: this.#id });
      this.#type = "";
      this.#data = null;
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "data") this.#data = this.#data === null ? value : this.#data + "\n" + value;
    else if (field === "event") this.#type = value;
    else if (field === "id") this.#id = value;
  }
}
