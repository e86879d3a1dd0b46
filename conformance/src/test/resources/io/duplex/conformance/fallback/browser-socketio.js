// The package's bundle that is a module, socket.io.esm.min.js, has other names for the placeholders of attachments (4.8.1).
export const io = globalThis.io;
