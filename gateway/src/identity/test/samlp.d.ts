/** The part of samlp that the tests use; it brings no types of its own. */
declare module "samlp" {
  interface Options {
    [name: string]: unknown;
  }

  type Handler = (request: object, response: object, next: (thrown: unknown) => void) => void;

  const samlp: {
    /** Answers an AuthnRequest for whoever `getUserFromRequest` says. */
    auth(options: Options): Handler;
  };
  export default samlp;
}
