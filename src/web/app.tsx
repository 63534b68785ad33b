import { useEffect, useState } from "preact/hooks";
import { client } from "./client.ts";
import { ConnectionBar } from "./connection-bar.tsx";
import { ConversationPane } from "./conversation/conversation-pane.tsx";
import { DetailsPane } from "./details/details-pane.tsx";
import { JoinPage } from "./join-page.tsx";
import { ListPane } from "./list/list-pane.tsx";
import { place } from "./navigation.ts";
import { SettingsPane } from "./settings/settings-pane.tsx";
import { SignInPage } from "./sign-in/sign-in-page.tsx";
import { useText } from "./texts/text.ts";
import { Button } from "./ui/button.tsx";
import { usePhone, useValue } from "./ui/hooks.ts";

export function App() {
  const { status } = useValue(client.session.state);
  if (status === "unknown") return <Opening />;
  return status === "signed-in" ? <Home /> : <SignInPage />;
}

/** The session of before is looked for. */
function Opening() {
  const say = useText();
  const [isAway, setAway] = useState(false);
  const restore = () => {
    setAway(false);
    client.session.restore().catch(() => setAway(true));
  };
  useEffect(restore, []);
  if (!isAway) return null;
  return (
    <main class="page">
      <p>{say("common.errorOffline")}</p>
      <Button kind="primary" onClick={restore}>
        {say("common.retry")}
      </Button>
    </main>
  );
}

function Home() {
  const here = useValue(place);
  const isPhone = usePhone();
  useEffect(() => {
    client.connect();
    return () => client.disconnect();
  }, []);
  if (here.at === "join") return <JoinPage id={here.id} token={here.token} />;
  const id = here.at === "conversation" ? here.id : undefined;
  const hasDetails = here.at === "conversation" && here.hasDetails === true;
  const shows = {
    list: !isPhone || here.at === "list",
    conversation: id !== undefined && (!isPhone || !hasDetails),
    details: id !== undefined && hasDetails,
  };
  return (
    <div class="home">
      <ConnectionBar />
      <div class="panes">
        {shows.list && <ListPane chosen={id} />}
        {here.at === "settings" && <SettingsPane />}
        {id && shows.conversation && (
          <ConversationPane
            key={id}
            id={id}
            {...(here.at === "conversation" && here.sequence !== undefined && { sequence: here.sequence })}
          />
        )}
        {!isPhone && here.at === "list" && <div class="pane nothing" />}
        {id && shows.details && <DetailsPane key={`details ${id}`} id={id} />}
      </div>
    </div>
  );
}
