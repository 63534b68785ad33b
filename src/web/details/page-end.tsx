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
