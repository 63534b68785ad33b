import { useEffect, useErrorBoundary, useState } from "preact/hooks";
import { client } from "./client.ts";
import { FailurePage } from "./failure-page.tsx";
import { Home } from "./home.tsx";
import { Opening } from "./opening.tsx";
import type { Arrival } from "./sign-in/arrival.ts";
import { SignInPage } from "./sign-in/sign-in-page.tsx";
import { useText } from "./texts/text.ts";
import { useValue } from "./ui/hooks.ts";

/** @param arrival how one came back from Google, where one did */
export function App({ arrival }: { arrival: Arrival | undefined }) {
  const say = useText();
  const { status } = useValue(client.session.state);
  const [{ code, trouble }, setArrival] = useState<Partial<Arrival>>(arrival ?? {});
  const [failure] = useErrorBoundary();
  useEffect(() => {
    if (status === "signed-in") setArrival({});
  }, [status]);
  if (failure) return <FailurePage />;
  if (status === "unknown")
    return <Opening code={code} onTried={(tried) => setArrival(tried ? { trouble: tried } : {})} />;
  return status === "signed-in" ? <Home /> : <SignInPage notice={trouble ? say(trouble) : ""} />;
}
