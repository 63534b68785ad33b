import { useEffect, useState } from "preact/hooks";
import { client } from "./client.ts";
import { ConnectionBar } from "./connection-bar.tsx";
import { ConversationPane } from "./conversation/conversation-pane.tsx";
import { DetailsPane } from "./details/details-pane.tsx";
import { JoinPage } from "./join-page.tsx";
import { ListPane } from "./list/list-pane.tsx";
import { ListResizer } from "./list-resizer.tsx";
import { keptWidth } from "./list-width.ts";
import { place } from "./navigation.ts";
import { SettingsPane } from "./settings/settings-pane.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { usePhone, useValue } from "./ui/hooks.ts";
import { useTitle } from "./use-title.ts";

/** Of who is signed in: on a phone one pane at a time, else the list beside what is chosen. */
export function Home() {
  const here = useValue(place);
  const isPhone = usePhone();
  const [width, setWidth] = useState(keptWidth);
  useTitle();
  useShortcuts();
  useEffect(() => {
    client.connect();
    return () => client.disconnect();
  }, []);
  if (here.at === "join") return <JoinPage key={here.id} id={here.id} token={here.token} />;
  const room = here.at === "conversation" ? here : undefined;
  const hasDetails = room?.hasDetails === true;
  return (
    <div class="home" style={{ "--width-list": `${width}px` }}>
      <ConnectionBar />
      <div class="panes">
        {(!isPhone || here.at === "list") && (
          <ListPane chosen={room?.id}>{!isPhone && <ListResizer width={width} onWidth={setWidth} />}</ListPane>
        )}
        {here.at === "settings" && <SettingsPane />}
        {room && (!isPhone || !hasDetails) && (
          <ConversationPane
            key={room.id}
            id={room.id}
            {...(room.sequence !== undefined && { sequence: room.sequence })}
          />
        )}
        {!isPhone && here.at === "list" && <div class="pane nothing" />}
        {room && hasDetails && <DetailsPane key={`details ${room.id}`} id={room.id} />}
      </div>
    </div>
  );
}
