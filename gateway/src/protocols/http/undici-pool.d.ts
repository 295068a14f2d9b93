/** The pool alone. The package's front door also loads fetch, caches, mocks and WebSocket: 11 MB that nothing here uses. */
declare module "undici/lib/dispatcher/pool.js" {
  import { Pool } from "undici";
  export default Pool;
}
