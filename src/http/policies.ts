/** What a browser may do with an answer: the headers of all of them, and the Content-Security-Policy of each page. */
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { connect } from "../connect.ts";
import type { Config } from "../protocol/config.ts";
import type { App, AppContext } from "./context.ts";

type Sources = (string | ((c: AppContext) => string))[];

const policy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"], // the viewers of the specifications set style attributes
  imgSrc: ["'self'", "data:"] as Sources,
  fontSrc: ["'self'", "data:"],
  connectSrc: ["'self'"] as Sources,
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

const secured = (
  contentSecurityPolicy: typeof policy & Partial<Record<"workerSrc" | "sandbox" | "manifestSrc" | "mediaSrc", Sources>>,
) =>
  secureHeaders({
    contentSecurityPolicy,
    crossOriginResourcePolicy: "cross-origin",
    referrerPolicy: "no-referrer",
    strictTransportSecurity: "max-age=31536000; includeSubDomains",
  });

const secure = secured(policy);

/** The store of media is another origin: the web client shows what is there, and uploads to it. */
const store = (c: AppContext) => storeOrigins(connect(c.env).config).join(" ");

const securedWeb = secured({
  ...policy,
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:", "blob:", store],
  mediaSrc: ["'self'", "blob:", store],
  connectSrc: ["'self'", store],
  manifestSrc: ["'self'"],
});

/** What a page cannot do without, for that page alone. */
const securedPages: [RegExp, typeof secure][] = [
  [/^\/(c\/|join\/|settings$|$)/, securedWeb],
  [/^\/redoc\/?$/, secured({ ...policy, workerSrc: ["blob:"] })], // its search
  // It compiles validators: with an origin of its own, what it evaluates can reach nothing of ours.
  [/^\/docs\/ws\/?$/, secured({ ...policy, scriptSrc: ["'self'", "'unsafe-eval'"], sandbox: ["allow-scripts"] })],
];

/** An upgrade's headers cannot be changed, and a browser reads none of these from it. */
export const headers = createMiddleware<App>((c, next) => {
  if (c.req.header("Upgrade") !== undefined) return next();
  const [, own] = securedPages.find(([form]) => form.test(c.req.path)) ?? [];
  return (own ?? secure)(c, next);
});

function storeOrigins({ S3_ENDPOINT, S3_BUCKET, S3_PATH_STYLE, S3_PUBLIC_URL }: Config): string[] {
  const urls = [];
  if (S3_ENDPOINT) {
    const endpoint = new URL(S3_ENDPOINT);
    if (!S3_PATH_STYLE) endpoint.hostname = `${S3_BUCKET}.${endpoint.hostname}`;
    urls.push(endpoint);
  }
  if (S3_PUBLIC_URL) urls.push(new URL(S3_PUBLIC_URL));
  return urls.map(({ origin }) => origin);
}
