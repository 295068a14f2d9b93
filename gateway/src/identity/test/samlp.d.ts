/** The part of samlp that the tests use; it brings no types of its own. */
declare module "samlp" {
  interface Request {
    readonly method: string;
    readonly query: Readonly<Record<string, string>>;
  }

  interface Response {
    set(name: string, value: string): void;
    send(body: string): void;
  }

  interface ParsedRequest {
    readonly id: string;
    readonly issuer: string;
    readonly assertionConsumerServiceURL: string;
  }

  const samlp: {
    parseRequest(request: Request, done: (thrown: unknown, parsed: ParsedRequest) => void): void;
    /** Answers an AuthnRequest for whoever `getUserFromRequest` says. */
    auth(
      options: Readonly<Record<string, unknown>>,
    ): (request: Request, response: Response, next: (thrown: unknown) => void) => void;
  };
  export default samlp;
}
