import { useText } from "../texts/text.ts";
import { Button } from "./button.tsx";
import { errorText } from "./errors.ts";
import { Notice } from "./field.tsx";
import type { Pages } from "./pages.ts";

interface PageEndProps {
  pages: Pages<unknown>;
  /** What is said where there is nothing. */
  empty?: string;
}

/** Below a list that comes in pages: what went wrong, that there is nothing, or more. */
export function PageEnd({ pages, empty }: PageEndProps) {
  const say = useText();
  const isEmpty = pages.isLoaded && !pages.isLoading && !pages.error && pages.items.length === 0;
  return (
    <>
      <Notice>{errorText(say, pages.error)}</Notice>
      {pages.error !== undefined && <Button onClick={pages.reload}>{say("common.retry")}</Button>}
      <p class="quiet" role="status">
        {isEmpty && empty}
      </p>
      {pages.hasMore && (
        <Button isBusy={pages.isLoading} onClick={pages.loadMore}>
          {say("common.more")}
        </Button>
      )}
    </>
  );
}
