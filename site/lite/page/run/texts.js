// What the page says, in the languages of the lessons. {…} are named places.

const en = {
  back: "Back to the page",
  download: "Download",
  over: "Start over",
  older: "Older copies",
  about: "What runs here",
  lab: "The lesson, to be run",
  loading: "Loading: {done} of {all} MB",
  opening: "Opening the lesson",
  starting: "Starting Python",
  saved: "Kept in this browser",
  saving: "Saving …",
  unsaved: "Not kept yet …",
  failed: "Not kept: this browser refused to store it. Download your copy.",
  renewed:
    "This lesson has a new version, and you had not changed yours: it is renewed. What "
    + "was there before is among the older copies.",
  beside:
    "This lesson has a newer version. Yours stays as you changed it; the new one "
    + "is beside it:",
  besides: "This is the newer version beside your copy. Your copy:",
  question: "Start this lesson over?",
  explained:
    "You get the lesson as it was at the beginning. What you have now is kept among the "
    + "older copies, where you can download it.",
  no: "Cancel",
  close: "Close",
  copies: "Older copies of this lesson",
  kept: "They are in this browser only. Choose one to download it.",
  unknown:
    "There is no lesson of that name here: the page of each lesson has a button "
    + "that leads to it.",
  unbuilt:
    "This copy of the site came without what runs lessons. Where the course is on the "
    + "disk, make site builds it.",
  old:
    "This browser cannot run the lesson: it lacks WebAssembly, or does not let this page "
    + "store anything. A newer browser, or a window that is not private, can.",
  network:
    "The lesson cannot be loaded: the site does not answer. Try again when you are "
    + "connected.",
  part:
    "A part of what runs the lesson cannot be loaded, or is not genuine ({name}). "
    + "Reload this page to try again.",
  elsewhere:
    "This lesson is open in another tab. It goes on here when that one is closed.",
  stopped:
    "The lesson did not open. Reload this page to try again; your copy is still "
    + "kept.",
}

const zh = {
  back: "回到课文",
  download: "下载",
  over: "重新开始",
  older: "旧的副本",
  about: "这里运行的是什么",
  lab: "可以运行的课文",
  loading: "正在载入：{done} / {all} MB",
  opening: "正在打开课文",
  starting: "正在启动 Python",
  saved: "已保存在这个浏览器里",
  saving: "正在保存……",
  unsaved: "尚未保存……",
  failed: "没有保存：浏览器拒绝存储。请下载你的副本。",
  renewed: "这一课有了新版本，而你没有改过，所以已经更新。原来的在旧的副本里。",
  beside: "这一课有了新版本。你改过的保持不变，新的放在旁边：",
  besides: "这是放在旁边的新版本。你的副本：",
  question: "重新开始这一课吗？",
  explained: "你会得到最初的课文。现在的内容会放进旧的副本，可以从那里下载。",
  no: "取消",
  close: "关闭",
  copies: "这一课的旧副本",
  kept: "它们只在这个浏览器里。点一个就可以下载。",
  unknown: "这里没有叫这个名字的课文：每一课的页面上都有一个按钮通向它。",
  unbuilt: "这个网站没有带上运行课文所需的部分。在课程所在的电脑上，make site 可以生成它。",
  old: "这个浏览器不能运行课文：它没有 WebAssembly，或者不允许本页存储。请换新的浏览器，或者不用无痕窗口。",
  network: "课文不能载入：网站没有回答。请在联网后再试。",
  part: "运行课文所需的一部分不能载入，或不是原件（{name}）。请重新载入本页。",
  elsewhere: "这一课在另一个标签页里打开着。关掉那一个，就在这里继续。",
  stopped: "课文没有打开。请重新载入本页；你的副本还在。",
}

const languages = { en, zh }

export const has = (language) => language in languages

export function say(language, name, places = {}) {
  return languages[language][name].replace(/\{(\w+)\}/g, (_, place) => places[place])
}
