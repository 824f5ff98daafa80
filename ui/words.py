"""The faces' own wording, in both languages; what the agent says comes already worded."""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent.events import Panel
from workspace.words import Language, Words


def terminal_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The person's own, as their terminal says it: LC_ALL over LC_MESSAGES over LANG."""
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh" if said.lower().startswith("zh") else "en"


# terminal

PROBLEM = Words("Problem", "问题")
FIX = Words("What to do", "怎么办")
WORKING = Words("doing what you asked", "执行命令")
ANSWERING = Words("answering", "回答")
STOPPED = Words(
    "Stopped. Nothing that was finished is lost: the same command goes on from here.",
    "已停止。已完成的部分都还在：再次执行同一条命令就会从这里继续。",
)
HELLO = Words(
    "Tunesmith. Say what you need; @path drops a file, Ctrl-D leaves.",
    "Tunesmith：请直接说您的需求；输入 @路径 可以附上文件，按 Ctrl-D 离开。",
)
BYE = Words(
    "Your project is kept. Come back with: tunesmith chat --project ", "项目已保存，下次继续：tunesmith chat --project "
)
NO_FILE = Words("There is no file {path}.", "找不到文件 {path}。")
NO_FILE_FIX = Words(
    'Check the path; one with spaces goes in quotes: @"my file.csv".', '请检查路径；含空格时请加引号：@"my file.csv"。'
)
BAD_MESSAGE = Words("That line is no message: {why}", "这一行不是有效的消息：{why}")
BAD_MESSAGE_FIX = Words(
    'Send plain text, or JSON such as {"text": "…", "files": ["…"], "agreed": "…"}.',
    '请发送纯文本，或形如 {"text": "…", "files": ["…"], "agreed": "…"} 的 JSON。',
)
BAD_MAP = Words("{given} doesn't say which column is which.", "{given} 没有说明列的对应关系。")
BAD_MAP_FIX = Words(
    "Write --map theirs=ours, for example --map question=text.",
    "请写成 --map 原列名=新列名，例如 --map question=text。",
)
OPEN_AT = Words("Tunesmith is at {url} (Ctrl-C stops it)", "Tunesmith 已启动：{url}（Ctrl-C 停止）")
PORT_TAKEN = Words("Port {port} can't be used.", "端口 {port} 无法使用。")
PORT_TAKEN_FIX = Words("Name another with --port, or leave it out.", "请用 --port 换一个端口，或不指定端口。")
NO_DEMO = Words("The files of the demonstration are not here ({path}).", "缺少演示文件（{path}）。")
NO_DEMO_FIX = Words("Run it from a clone of the project: make demo.", "请在项目目录中执行：make demo。")
DEMO_STUCK = Words("The demonstration ended without a report card.", "演示结束了，但没有得到成绩单。")
DEMO_STUCK_FIX = Words(
    "What came last stands above; `tunesmith status` tells where it is.",
    "最后的信息见上文；`tunesmith status` 可以查看进度。",
)

# the API

MCP_AT = Words("Other assistants reach Tunesmith at {url}.", "其他助手可通过 {url} 使用 Tunesmith。")
API_AT = Words("The model is at {url} (Ctrl-C stops it)", "模型服务已启动：{url}（Ctrl-C 停止）")
API_MODELS = Words("Ask for the model {name}, or for {base}.", "请求时 model 填 {name}，或填 {base} 使用基础模型。")
NO_KEY = Words(
    "I won't open the model to the network ({host}) without a key.", "没有密钥时，不能在网络地址（{host}）上开放模型。"
)
NO_KEY_FIX = Words(
    "Set TUNESMITH_API_KEY, or leave --host out to stay on this machine.",
    "请设置环境变量 TUNESMITH_API_KEY，或去掉 --host，只在本机使用。",
)
WHICH_MODEL = Words("It was not said which model to serve.", "没有说明要提供哪个模型。")
WHICH_MODEL_FIX = Words(
    "Name its folder, its name or its run: tunesmith serve api MODEL.",
    "请写出模型文件夹、名称或运行编号：tunesmith serve api 模型。",
)
NO_PAGES = Words(
    "A page of another website asked; without a key only programs on this machine may.",
    "请求来自其他网站的网页；未设密钥时只允许本机程序访问。",
)
WRONG_KEY = Words(
    "The key is missing or wrong: send `Authorization: Bearer KEY`.",
    "缺少密钥或密钥不正确：请发送 `Authorization: Bearer 密钥`。",
)
BAD_JSON = Words("The request is no JSON ({why}).", "请求不是有效的 JSON（{why}）。")
BAD_REQUEST = Words("The request can't be used: {why}.", "请求无法使用：{why}。")
NOT_OFFERED = Words("This model does not offer `{name}`; leave it out.", "该模型不支持 `{name}`，请去掉这一项。")
NO_MODEL = Words(
    "The model {name} does not exist here. There are: {names}.", "这里没有名为 {name} 的模型，可用的有：{names}。"
)
NO_ROUTE = Words(
    "There is nothing at {path} by this method. Try /v1/models, /v1/chat/completions or /v1/completions.",
    "地址 {path} 或请求方法不存在。可用的有 /v1/models、/v1/chat/completions、/v1/completions。",
)
TOO_LARGE = Words("The request is larger than 4 MB.", "请求超过 4 MB。")
TOO_MANY = Words("Too many requests are waiting; try again soon.", "等待中的请求过多，请稍后再试。")

# chat

TITLE = Words("Tunesmith", "Tunesmith")
TAGLINE = Words(
    "Say what you need. Get data you can trust, and a model that is measurably better.",
    "说出需求，得到可信的数据和确实更好的模型。",
)
PLACEHOLDER = Words("Say what you need, or attach a file", "说说需求，文件点回形针或拖进来")
MESSAGE = Words("Message", "消息")
ATTACH = Words("Attach files", "添加文件")
STOP = Words("Stop", "停止")
VIEW = Words("View", "视图")
LANGUAGE = Words("Language", "语言")
PANEL = Words("Panel", "面板")
FRESH = Words("New project", "新项目")
THINKING = Words("Working on it", "正在处理")
BROKE = Words("This step could not be finished", "这一步没有完成")
HOW_IT_GOES = Words("How it goes", "整个过程")
STEPS: tuple[tuple[Words, Words], ...] = (
    (
        Words("You say what you need", "您说需求"),
        Words(
            "In your own words, as to a colleague. A few questions follow; “I don't know” is a fine answer.",
            "像告诉同事那样说就行。之后会问几个问题，答“不知道”也没关系。",
        ),
    ),
    (
        Words("I make the data, and check every row", "我来制作数据，逐条检查"),
        Words(
            "From your files, and written anew. What is rejected is shown with its reason.",
            "取自您的文件，也会新写。不合格的会列出原因。",
        ),
    ),
    (
        Words("A small model learns from it", "小模型从中学习"),
        Words(
            "On this machine. Your data doesn't leave it unless you say so.", "就在这台机器上，未经您同意数据不会外传。"
        ),
    ),
    (
        Words("You see whether it is better", "结果是否更好，一看便知"),
        Words(
            "A report card on real examples that were held back. The decisions in between are yours.",
            "用留出的真实样例打分，给出成绩单。中间的每个决定都由您来做。",
        ),
    ),
)
EXAMPLES = Words("For example:", "例如：")
LIKELY = Words("Likely answers", "常见回答")
SEND_AGAIN = Words("Send it again", "重新发送")
PROJECTS = Words("Projects", "项目")
UNTITLED = Words("New project", "新项目")
REVIEWING = Words("you review it", "由您审阅")
EDIT = Words("Change {title}: {value}", "修改{title}：{value}")
SAVE = Words("Save", "保存")
CANCEL = Words("Cancel", "取消")
NOT_SAID = Words("not said yet", "还没有说")
PERCENT = Words("of 100", "条（共 100 条）")
DETAILS = Words("More settings, with their usual values", "更多设置（常用值）")
OVER_EARLY = Words("ended early, here", "在此提前结束")
CAME_ABOVE = Words(
    "What was under way has ended meanwhile: its result, and what it asks, stand above your last question.",
    "进行中的工作已经结束：它的结果和提问在您上一个问题的上方。",
)
NO_ROWS = Words("Nothing here.", "这里没有内容。")
AND_MORE = Words("{n} more", "另有 {n} 条")
TRY_HOW = Words(
    "Write a message. The base model and the tuned one both answer, in an order that nobody knows: say which answer is "
    "better, and then see whose it was.",
    "写一条消息，基础模型和微调后的模型都会回答，左右顺序随机。先选出更好的回答，再看它出自哪个模型。",
)
TRY_HERE = Words("A message for both models", "给两个模型的消息")
VOTES: dict[str, Words] = {
    "left": Words("Left is better", "左边更好"),
    "right": Words("Right is better", "右边更好"),
    "same": Words("No difference", "不相上下"),
    "shown": Words("Just show me", "直接看结果"),
}
TALK_VIEW = Words("Conversation", "对话")
WORK_VIEW = Words("Work", "进展")

PANELS: dict[Panel, Words] = {
    "specification": Words("Specification", "规格说明"),
    "rows": Words("Accepted", "已接受"),
    "rejected": Words("Rejected", "已拒绝"),
    "coverage": Words("Coverage", "覆盖情况"),
    "review": Words("Review", "审阅"),
    "learned": Words("What will be learned", "将要学习的内容"),
    "loss": Words("Training", "训练"),
    "report": Words("Report card", "成绩单"),
    "try": Words("Try it", "试一试"),
    "status": Words("Status", "状态"),
}
TABS: dict[str, Words] = {
    "specification": Words("Specification", "规格说明"),
    "data": Words("Data", "数据"),
    "review": Words("Review", "审阅"),
    "training": Words("Training", "训练"),
    "report": Words("Report card", "成绩单"),
    "versions": Words("Versions and models", "版本与模型"),
    "try": Words("Try it", "试一试"),
}
SEND = Words("Send", "发送")


def time_left(seconds: float | None, language: Language) -> str:
    """In the unit a person would use; nothing where there is no estimate."""
    if seconds is None:
        return ""
    if seconds < 10:
        return Words("a few seconds left", "还需几秒").to(language)
    if seconds < 90:
        return Words(f"about {round(seconds / 10) * 10} s left", f"约剩 {round(seconds / 10) * 10} 秒").to(language)
    minutes = round(seconds / 60)
    if minutes < 90:
        return Words(f"about {minutes} min left", f"约剩 {minutes} 分钟").to(language)
    hours = f"{seconds / 3600:.1f}"
    return Words(f"about {hours} h left", f"约剩 {hours} 小时").to(language)


# Slack

RUN = Words("run", "运行")
VERSION = Words("version", "版本")
MODEL = Words("model", "模型")
ANSWERED = Words("✓ {user}: “{answer}”", "✓ {user}：“{answer}”")
SLACK_AT = Words("Tunesmith answers Slack at {url} (Ctrl-C stops it)", "Tunesmith 已接入 Slack：{url}（Ctrl-C 停止）")
SLACK_SOCKET = Words(
    "Tunesmith answers Slack over Socket Mode (Ctrl-C stops it)",
    "Tunesmith 已通过 Socket Mode 接入 Slack（Ctrl-C 停止）",
)
NO_SLACK = Words("{name} is not set, and Slack can't be reached without it.", "未设置 {name}，无法接入 Slack。")
NO_SLACK_FIX = Words(
    "Install the app with docs/slack-manifest.yaml and set what its pages show: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET "
    "(and SLACK_APP_TOKEN for Socket Mode).",
    "请用 docs/slack-manifest.yaml 安装应用，并按应用页面设置 SLACK_BOT_TOKEN、SLACK_SIGNING_SECRET"
    "（Socket Mode 还需 SLACK_APP_TOKEN）。",
)
SLACK_REFUSED = Words("Slack did not let us in ({why}).", "Slack 拒绝了连接（{why}）。")
SLACK_REFUSED_FIX = Words(
    "Check SLACK_BOT_TOKEN (with Socket Mode SLACK_APP_TOKEN too) and that this machine reaches Slack.",
    "请检查 SLACK_BOT_TOKEN（Socket Mode 还有 SLACK_APP_TOKEN），以及本机能否访问 Slack。",
)
OTHER_TEAM = Words(
    "The bot token belongs to workspace {found}, and only {wanted} is to be listened to.",
    "机器人令牌属于工作区 {found}，而设置只允许 {wanted}。",
)
OTHER_TEAM_FIX = Words("Correct TUNESMITH_SLACK_TEAM or the token.", "请更正 TUNESMITH_SLACK_TEAM 或令牌。")
NOT_YOURS = Words("Only {owner} can decide in this thread.", "这个话题只有 {owner} 可以做决定。")
NOT_YOURS_FIX = Words(
    "You can ask anything: how it is going, how many failed and why, show me three, what it cost. Or mention me "
    "elsewhere to start a project of your own.",
    "您可以随时提问：进展如何、多少条没通过及原因、给我看三条、花了多少。也可以在别处 @我，开始自己的项目。",
)
IN_LINE = Words(
    "Other threads are being worked on. This one goes on by itself as soon as one of them is done; ask in the "
    "meantime whatever you like.",
    "正在处理其他话题。只要有一个完成，这里就会自动继续；等待期间您可以随时提问。",
)
NOT_DRAWN = Words(
    "(Slack did not take the whole of this message. It can be answered in words.)",
    "（Slack 没有接收这条消息的全部内容，可以直接用文字回答。）",
)
NOT_SLACKS = Words("not an address of Slack", "不是 Slack 的地址")
TOO_FAR = Words("too many redirects", "重定向次数过多")
NO_SCOPE = Words("the app lacks the scope files:read", "应用缺少 files:read 权限")
NO_REPLY = Words("no connection", "连接失败")
NO_DOWNLOAD = Words(
    "The file {name} could not be fetched from Slack ({why}).", "无法从 Slack 取得文件 {name}（{why}）。"
)
NO_DOWNLOAD_FIX = Words("Share it in this thread once more.", "请在这个话题里重新发送。")
TOO_BIG = Words("The file {name} is larger than 100 MB.", "文件 {name} 超过 100 MB。")
TOO_BIG_FIX = Words("Split it, or share a part of it.", "请拆分文件，或只发送一部分。")
KEEPING = Words("keeping what Slack sent", "保存 Slack 发来的内容")
FETCHING = Words("fetching a file from Slack", "从 Slack 取文件")
