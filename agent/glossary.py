"""The words of the trade in plain ones: who asks what a word means gets an answer, and no model is asked for it."""

from __future__ import annotations

import re

from workspace.words import Words

# (what people call it, what it means); the whole word that is asked about has to be one of these.
TERMS: tuple[tuple[str, Words], ...] = (
    (
        r"rows?|(?:一)?(?:行|条)(?:数据)?|数据行|数据量",
        Words(
            "A row is one example that the model learns from or is tested with: a text, such as a customer's message, "
            "and the answer that is right for it.",
            "一条（行）数据就是一个例子：一段文本（例如客户的一条消息）和它的正确答案，用来训练或测试模型。",
        ),
    ),
    (
        r"labels?|kinds?|class(?:es)?|categor(?:y|ies)|标签|类别|分类",
        Words(
            "A label, or kind, is the name of a group that texts are sorted into, such as “refund” or “delivery”.",
            "类别（标签）就是文本要归入的组的名称，例如“退款”或“物流”。",
        ),
    ),
    (
        r"versions?|freez(?:e|ing)(?: (?:it|a version|this version|this))?|frozen(?: version)?|"
        r"版本|冻结(?:版本|这个版本)?",
        Words(
            "To freeze a version is to store the accepted rows under a number, so that they can never change "
            "afterwards: what is trained and tested can always be traced to exactly these rows. Nothing is deleted; "
            "later changes make a new version.",
            "冻结版本就是把接受的数据按编号保存下来，之后不再改变，这样训练和测试用的是哪些数据随时可查。不会删除任何内容；以后的修改会成为新版本。",
        ),
    ),
    (
        r"tokens?|词元|token",
        Words(
            "A token is the piece of text a model reads and writes in: about three quarters of an English word, or one "
            "or two Chinese characters.",
            "词元（token）是模型读写文字的最小单位：约四分之三个英文单词，或一两个汉字。",
        ),
    ),
    (
        r"test (?:rows?|data|set)|held[- ]back(?: rows?)?|held[- ]out(?: rows?)?|tests?|"
        r"测试(?:数据|集)|留出(?:的)?(?:数据)?",
        Words(
            "Test rows are held back: the model never sees them while it learns, so its answers to them show how good "
            "it will be on new texts. A few rows give only a rough number; about a hundred or more give a firm one.",
            "测试数据是留出的：模型训练时从未见过，所以它在这些数据上的表现说明它遇到新文本会怎样。只有几条时结果很粗略，一百条左右或更多才比较可靠。",
        ),
    ),
    (
        r"base(?: model)?|基础模型|底座",
        Words(
            "The base model is the general model that training starts from; the report compares both.",
            "基础模型是训练的起点，是一个通用模型；报告会拿微调后的模型与它比较。",
        ),
    ),
    (
        r"(?:q?lora|fine[- ]?tun(?:e|ed|ing)|tun(?:e|ed|ing)|adapter|train(?:ing)?)|微调|训练|适配器",
        Words(
            "Fine-tuning lets a general model learn your task from the rows. LoRA is the usual way: only a small "
            "addition to the model is learned, which is quick and leaves the model itself as it was.",
            "微调就是让通用模型用这些数据学会您的任务。LoRA 是常用方式：只学习一小部分附加参数，速度快，原模型不变。",
        ),
    ),
    (
        r"threshold|good enough|goal|达标线?|阈值|门槛|目标",
        Words(
            "The threshold is how many of 100 answers must be right for you to use the model; the report card says "
            "whether it was reached.",
            "达标线是 100 条里至少要答对多少条您才会用这个模型；报告会说明是否达到。",
        ),
    ),
    (
        r"scenarios?|situations?|(?:situations and their )?shares?|场景|占比|场景及占比",
        Words(
            "A scenario is a situation that the rows cover, such as everyday messages or complaints; its share is "
            "how many of all rows are about it.",
            "场景是数据要覆盖的情况，例如日常消息或生气的投诉；占比是它在全部数据里占多少。",
        ),
    ),
    (
        r"report(?: card)?|card|报告|成绩单|报告卡",
        Words(
            "The report card says how well the model does on the test rows, beside the base model, and whether your "
            "goal is reached.",
            "报告说明模型在测试数据上的表现、与基础模型的比较，以及是否达到您的目标。",
        ),
    ),
    (
        r"audit|spot[- ]?check|gate|抽检|抽查|人工抽查|审计",
        Words(
            "An audit is a look by a person at rows drawn at random; at least 95% of them must be right before we "
            "go on.",
            "抽检就是由人查看随机抽取的数据，至少 95% 正确才继续。",
        ),
    ),
    (
        r"encoders?(?: classifier)?|编码器(?:分类器?)?",
        Words(
            "An encoder is a small model that reads a text and names a label; it writes no text, and it is quick.",
            "编码器是一种小模型，读一段文本并给出类别；它不会写文字，速度很快。",
        ),
    ),
    (
        r"(?:the )?(?:macro[- ])?f1(?:[- ]score)?|宏平均(?:f1)?|f1\s?(?:值|分数)?",
        Words(
            "F1 is one number from 0 to 1 for sorting: high only if the model finds most texts of a kind and is mostly "
            "right when it names that kind. Macro F1 is the mean over all kinds, so rare kinds count as much as common "
            "ones.",
            "F1 是衡量分类好坏的数，在 0 到 1 之间：既找得全、又判得准才会高。"
            "宏平均 F1 是各类别的平均，少见的类别和常见的一样重要。",
        ),
    ),
    (
        r"accuracy|准确率|正确率",
        Words("Accuracy is the part of the test rows that was answered right.", "准确率是测试数据中答对的比例。"),
    ),
    (
        r"(?:95 ?% )?(?:confidence )?intervals?|置信区间|区间",
        Words(
            "The interval is the range in which the true value probably lies (95% sure): the fewer the test rows, the "
            "wider it is.",
            "区间是真实值很可能所在的范围（95% 把握）：测试数据越少，范围越宽。",
        ),
    ),
    (
        r"(?:a )?code(?:s)?(?: each| of its own)?|换成代号|代号",
        Words(
            "“A code each” replaces every name or number by a code such as NAME_0123456789ab, always the "
            "same for the same one: "
            "you can still tell that two messages are about the same person, but not who it is.",
            "“换成代号”是把每个姓名、号码换成一个代号，同一个值用同一个代号：看得出两条消息说的是同一个人，但看不出是谁。",
        ),
    ),
    (
        r"mask(?:ing|ed)?(?: (?:it|personal data))?|打码|脱敏",
        Words(
            "To mask personal data is to replace it in the rows by a sign for what it was, such as [PHONE ****5678].",
            "打码就是把数据里的个人信息换成说明其种类的记号，例如 [PHONE ****5678]。",
        ),
    ),
    (
        r"personal (?:data|information)|个人信息|隐私",
        Words(
            "Personal data is what tells who somebody is: names, phone, card and identity numbers, addresses.",
            "个人信息是能认出某个人的内容：姓名、电话、卡号、证件号、地址。",
        ),
    ),
    (
        r"rules?|规则",
        Words(
            "A rule is something that every row must obey, such as “at most 40 words”; rows that break one are "
            "rejected.",
            "规则是每条数据都必须遵守的要求，例如“最多 40 个字”；不符合的数据会被拒绝。",
        ),
    ),
    (
        r"(?:the |my )?spec(?:ification)?|规格(?:说明)?",
        Words(
            "The specification is the list of what was agreed: the goal, the kinds, the number of rows and so on. It "
            "stands beside this conversation.",
            "规格说明就是约定好的内容：目标、类别、数据量等，显示在对话旁边。",
        ),
    ),
)

# What is asked for by a field, longer than in its question, with an answer that would do.
FIELDS: dict[str, Words] = {
    "goal": Words(
        "I need to know what the model will be given and what it should answer. For example: “Sort the messages our "
        "customers send into refunds, delivery and complaints.”",
        "我需要知道模型会收到什么、应当回答什么。例如：“把客户发来的消息分成退款、物流和投诉。”",
    ),
    "task": Words(
        "It decides how rows are written and tested. If each text gets one name out of a list, it is sorting; for "
        "example: “sort texts into kinds”.",
        "这决定数据怎样写、怎样测试。如果每段文本对应列表里的一个名称，就是分类；例如回答：“把文本分成几类”。",
    ),
    "examples": Words(
        "Texts as they really came, best with the right answer beside each: the rows are written in their manner, and "
        "some are held back for the test. If you have none, say no.",
        "指真实收到的文本，最好每条附上正确答案：数据会按它们的样子来写，其中一部分留作测试。没有就说没有。",
    ),
    "labels": Words(
        "The names of the groups that each text is put into. For example: “refund: wants money back, delivery, other”.",
        "每段文本要归入的组的名称。例如：“退款：想把钱要回来、物流、其他”。",
    ),
    "languages": Words(
        "The language of the texts that the model will be given. For example: “English”.",
        "模型将收到的文本是什么语言。例如：“中文”。",
    ),
    "knowledge": Words(
        "If answers must agree with a handbook, price list or policy, drop the file here, and each row is checked "
        "against it. If there is none, say no.",
        "如果回答必须符合手册、价目表或规章，请把文件拖进来，每条数据都会与它核对。没有就说没有。",
    ),
    "rules": Words(
        "Something that can be checked for each row. For example: “An answer must not be longer than 40 words.” If "
        "there is none, say no.",
        "能对每条数据检查的要求。例如：“回答不能超过 40 个字。”没有就说没有。",
    ),
    "threshold": Words(
        "No model is always right. I measure how many of 100 new texts it gets right, and compare that with your "
        "number. For example: “90 out of 100”.",
        "没有模型总是对的。我会测出 100 条新文本里它答对多少条，再与您的要求比较。例如：“100 条对 90 条”。",
    ),
    "scenarios": Words(
        "The rows should look like what really comes: mostly ordinary cases, and some unusual ones. For example: “70% "
        "everyday, 30% unusual”. “You decide” is fine, too.",
        "数据应当像真实情况：多数是日常的，一部分是少见的。例如：“日常 70%、少见 30%”。也可以说“您来定”。",
    ),
    "privacy": Words(
        "Names, phone or card numbers in texts can be masked, replaced by codes, made coarse, or left as they are. "
        "For example: “Mask it”.",
        "文本里的姓名、电话、卡号可以打码、换成代号、只留大概，或保持原样。例如：“打码”。",
    ),
    "rows": Words(
        "A row is one text with its right answer. More rows usually make a better model and take longer. For example: "
        "“300”.",
        "一条数据就是一段文本和它的正确答案。一般越多模型越好，也越费时间。例如：“300”。",
    ),
    "confirm": Words(
        "I show what I understood. With your yes I begin to make the rows; until then you can change anything.",
        "我列出了我的理解。您同意后我才开始制作数据；在那之前都可以修改。",
    ),
    "approve": Words(
        "The work stops here until you agree to the next step. Say yes to go on, or name what should be different.",
        "工作停在这里，等您同意下一步。回答“好”继续，或者说出要改什么。",
    ),
    "change": Words(
        "Name the part of the specification that should be different, and I ask for its new value.",
        "请说出规格说明里要改的一项，我再问它的新内容。",
    ),
}
KNOWN = Words(
    "I can say what these mean: row, label, version, token, test rows, base model, fine-tuning, threshold, scenario, "
    "report card, audit, encoder, F1.",
    "我可以解释这些词：数据、类别、版本、词元、测试数据、基础模型、微调、达标线、场景、报告、抽检、编码器、F1。",
)


def meaning(term: str) -> Words | None:
    """Of a word as somebody wrote it, with its article or its quotation marks."""
    bare = re.sub(r"^(?:an? |the |your |this |these |by |exactly )+|\s+(?:here|exactly|actually)$", "", term.strip())
    for words in (term.strip(), bare):
        for pattern, told in TERMS:
            if re.fullmatch(pattern, words):
                return told
    return None


def mentioned(text: str) -> tuple[str, ...]:
    """The words of the trade that stand in a question, at most two: what they mean is the best answer there is."""
    low = text.lower()
    found = [
        match.group()
        for pattern, _ in TERMS
        if (match := re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", low)) and match.group().strip()
    ]
    return tuple(found[:2])
