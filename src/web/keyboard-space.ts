/** Where an on-screen keyboard covers the page and does not shrink it (Safari), the page is as high as what is left to see. */
export function followKeyboard(): void {
  const seen = window.visualViewport;
  if (!seen) return;
  const fit = () => {
    // Pinched, it is a part of the page that is seen: the page stays.
    if (seen.scale > 1.01) return;
    document.documentElement.style.setProperty("--height", `${seen.height}px`);
    scrollTo(0, 0); // Safari pushes the page up to show the field: it is seen already
  };
  seen.addEventListener("resize", fit);
  seen.addEventListener("scroll", fit);
}
