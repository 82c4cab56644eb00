// Before anything is drawn, so that nothing flashes in the other theme.
const chosenTheme = localStorage.getItem("theme");
if (chosenTheme) document.documentElement.dataset.theme = chosenTheme;
