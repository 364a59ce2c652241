// Opens and folds all code of a lesson that only draws; the choice holds for all lessons.
{
  const article = document.currentScript.parentElement
  const button = article.querySelector(".code-switch")
  const folds = article.querySelectorAll("details.above-input")
  const show = (open) => {
    button.setAttribute("aria-pressed", open)
    for (const fold of folds) fold.open = open
  }
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") === "false"
    show(open)
    localStorage.setItem("code", open ? "shown" : "folded")
  })
  if (localStorage.getItem("code") === "shown") show(true)
}
