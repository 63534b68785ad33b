import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import type { Pages } from "../ui/pages.ts";

interface PageEndProps {
  pages: Pages<unknown>;
  /** What is said where there is nothing. */
  empty?: string;
}

/** Below a list that comes in pages: what went wrong, that there is nothing, or more. */
export function PageEnd({ pages, empty }: PageEndProps) {
  const say = useText();
  const { items, error, isLoaded, hasMore, isLoading, loadMore, reload } = pages;
  return (
    <>
      <Notice>{errorText(say, error)}</Notice>
      {error !== undefined && <Button onClick={reload}>{say("common.retry")}</Button>}
      {isLoaded && error === undefined && items.length === 0 && empty && <p class="muted">{empty}</p>}
      {hasMore && (
        <Button isBusy={isLoading} onClick={loadMore}>
          {say("settings.showMore")}
        </Button>
      )}
    </>
  );
}
