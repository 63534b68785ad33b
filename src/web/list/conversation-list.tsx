import { useCallback, useEffect, useState } from "preact/hooks";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import { ConversationMenu, type OpenMenu } from "./conversation-menu.tsx";
import { Rows } from "./rows.tsx";
import { sectionsOf } from "./sections.ts";

interface ConversationListProps {
  chosen: string | undefined;
  onNew(): void;
}

export function ConversationList({ chosen, onNew }: ConversationListProps) {
  const say = useText();
  const { items, isLoaded, hasMore } = useValue(client.conversations.state);
  const [isArchive, setArchive] = useState(false);
  const [menu, setMenu] = useState<OpenMenu>();
  const [trouble, setTrouble] = useState<unknown>();
  const openMenu = useCallback((open: OpenMenu | undefined) => {
    setTrouble(undefined);
    setMenu(open);
  }, []);
  const { pinned, others, archived } = sectionsOf(items);
  const shown = isArchive ? archived : [...pinned, ...others];
  if (!isLoaded) return <Skeletons />;
  return (
    <>
      {isArchive && <ArchiveHead onBack={() => setArchive(false)} />}
      <Notice>{errorText(say, trouble)}</Notice>
      {shown.length === 0 && !hasMore && <Empty isArchive={isArchive} onNew={onNew} />}
      <Rows
        key={String(isArchive)}
        items={shown}
        label={say(isArchive ? "list.archive" : "list.title")}
        chosen={chosen}
        hasMore={hasMore}
        onMenu={openMenu}
      >
        {!isArchive && !hasMore && archived.length > 0 && (
          <ArchiveRow count={archived.length} onOpen={() => setArchive(true)} />
        )}
      </Rows>
      {menu && <ConversationMenu open={menu} onChange={openMenu} onTrouble={setTrouble} />}
    </>
  );
}

function ArchiveRow({ count, onOpen }: { count: number; onOpen(): void }) {
  const say = useText();
  return (
    <button type="button" class="archive-row" onClick={onOpen}>
      <Icon name="archive" size={20} />
      {say("list.archived", { count })}
    </button>
  );
}

function ArchiveHead({ onBack }: { onBack(): void }) {
  const say = useText();
  return (
    <div class="archive-head">
      <IconButton icon="back" label={say("common.back")} onClick={onBack} />
      <h2>{say("list.archive")}</h2>
    </div>
  );
}

function Empty({ isArchive, onNew }: { isArchive: boolean; onNew(): void }) {
  const say = useText();
  if (isArchive) return <p class="empty">{say("list.emptyArchive")}</p>;
  return (
    <div class="empty">
      <p>{say("list.empty")}</p>
      <Button kind="primary" onClick={onNew}>
        {say("list.newConversation")}
      </Button>
    </div>
  );
}

const patienceMs = 300;
const widths = ["70%", "50%", "60%", "40%", "65%", "55%"];

/** Not for what comes at once. */
function Skeletons() {
  const say = useText();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  if (!isLong) return null;
  return (
    <div class="row-skeletons" role="status">
      <span class="hidden">{say("common.loading")}</span>
      {widths.map((width) => (
        <div key={width} class="row-skeleton">
          <span class="circle" />
          <span class="bars">
            <span style={{ width }} />
            <span />
          </span>
        </div>
      ))}
    </div>
  );
}
