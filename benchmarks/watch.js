// Notes on the page, on the wall's clock in ms, when Enter was pressed, when a word first stood in the last message,
// when the newest message of a sample first lay within the window, when the mouse clicked, and when the page last changed.
window.bench = { enteredAt: 0, visibleAt: 0, clickedAt: 0, changedAt: 0, wanted: [], seen: {} };
{
  const clock = () => performance.timeOrigin + performance.now();
  const lastMessage = () => [...document.querySelectorAll('[data-testid="stChatMessage"]')].at(-1);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") bench.enteredAt = performance.timeOrigin + event.timeStamp;
  }, true);

  document.addEventListener("click", (event) => {
    bench.clickedAt = performance.timeOrigin + event.timeStamp;
  }, true);

  new MutationObserver(() => {
    bench.changedAt = clock();
    if (bench.wanted.length === 0) return;
    const text = lastMessage()?.textContent ?? "";
    for (const word of bench.wanted.filter((word) => text.includes(word))) bench.seen[word] = clock();
    bench.wanted = bench.wanted.filter((word) => !(word in bench.seen));
  }).observe(document, { subtree: true, childList: true, characterData: true });

  const lookForNewest = () => {
    const message = lastMessage();
    if (message?.textContent.includes("NEWEST")) {
      const box = message.getBoundingClientRect();
      if (box.height > 0 && box.top < innerHeight && box.bottom > 0) {
        bench.visibleAt = clock();
        return;
      }
    }
    requestAnimationFrame(lookForNewest);
  };
  lookForNewest();
}
