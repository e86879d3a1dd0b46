/** Blocks and packets of `duplex.session.1`: numbers, kinds and payloads in bytes. */

export const TEXT = 0x74;
export const BINARY = 0x62;
export const TEXT_PART = 0x75;
export const BINARY_PART = 0x76;
export const PING = 0x70;
export const PONG = 0x71;
export const CLOSE = 0x63;

export const BLOCK_HEAD = 16;
export const PACKET_HEAD = 5;

const KINDS = new Set([TEXT, BINARY, TEXT_PART, BINARY_PART, PING, PONG, CLOSE]);

/**
 * @param {number} ack the last packet that was received
 * @param {number} first the number of the first packet in the block
 * @param {{kind: number, payload: Uint8Array}[]} packets
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeBlock(ack, first, packets) {
  let length = BLOCK_HEAD;
  for (const packet of packets) length += PACKET_HEAD + packet.payload.length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(ack));
  view.setBigUint64(8, BigInt(first));
  let at = BLOCK_HEAD;
  for (const { kind, payload } of packets) {
    view.setUint8(at, kind);
    view.setUint32(at + 1, payload.length);
    bytes.set(payload, at + PACKET_HEAD);
    at += PACKET_HEAD + payload.length;
  }
  return bytes;
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {{ack: number, first: number, packets: {kind: number, payload: Uint8Array}[]}}
 * @throws {RangeError} if it is no block
 */
export function decodeBlock(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength < BLOCK_HEAD) throw new RangeError("a block is shorter than its head");
  const packets = [];
  for (let at = BLOCK_HEAD; at < view.byteLength; ) {
    if (at + PACKET_HEAD > view.byteLength) throw new RangeError("a packet is shorter than its head");
    const kind = view.getUint8(at);
    const length = view.getUint32(at + 1);
    if (!KINDS.has(kind)) throw new RangeError("a packet is of an unknown kind");
    if (at + PACKET_HEAD + length > view.byteLength) throw new RangeError("a packet is longer than its block");
    packets.push({ kind, payload: new Uint8Array(buffer, at + PACKET_HEAD, length) });
    at += PACKET_HEAD + length;
  }
  return { ack: Number(view.getBigUint64(0)), first: Number(view.getBigUint64(8)), packets };
}

/** Joins the parts of a message. */
export function join(parts) {
  if (parts.length === 1) return parts[0];
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
