/** The client of the embedded Google. No secret: whoever reaches it, on this machine alone, may be anybody anyway. */
export const googleClient = { id: "pingme.embedded", secret: "embedded" };
