export { DuplexSocket } from "./socket.js";
