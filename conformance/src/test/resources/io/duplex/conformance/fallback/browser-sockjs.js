// The package for browsers is no module.
export default globalThis.SockJS;
