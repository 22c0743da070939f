"""Code lists of the registry: English values, the national register's own words as labels.

Other wordings (GB/T 4761, older sheets) are accepted when a workbook is read, never stored.
"""

from django.db import models


class HouseholdStatus(models.TextChoices):
    ORDINARY = "ordinary", "一般农户"
    REGISTERED = "registered", "建档立卡未脱贫户"
    LIFTED = "lifted", "脱贫户"


class Category(models.TextChoices):
    """Kind of prevention subject (Art. 2)."""

    MONITORED = "monitored", "脱贫监测户"
    MARGINAL = "marginal", "边缘户"


# Art. 2: who can be what follows from the registry status.
CATEGORY_OF_STATUS = {HouseholdStatus.LIFTED: Category.MONITORED, HouseholdStatus.ORDINARY: Category.MARGINAL}


class Relation(models.TextChoices):
    HEAD = "head", "户主"
    SPOUSE = "spouse", "配偶"
    SON = "son", "之子"
    DAUGHTER = "daughter", "之女"
    DAUGHTER_IN_LAW = "daughter_in_law", "之儿媳"
    SON_IN_LAW = "son_in_law", "之女婿"
    GRANDSON = "grandson", "之孙子"
    GRANDDAUGHTER = "granddaughter", "之孙女"
    DAUGHTERS_SON = "daughters_son", "之外孙子"
    DAUGHTERS_DAUGHTER = "daughters_daughter", "之外孙女"
    FATHER = "father", "之父"
    MOTHER = "mother", "之母"
    WIFES_FATHER = "wifes_father", "之岳父"
    WIFES_MOTHER = "wifes_mother", "之岳母"
    HUSBANDS_FATHER = "husbands_father", "之公公"
    HUSBANDS_MOTHER = "husbands_mother", "之婆婆"
    GRANDFATHER = "grandfather", "之祖父"
    GRANDMOTHER = "grandmother", "之祖母"
    MOTHERS_FATHER = "mothers_father", "之外祖父"
    MOTHERS_MOTHER = "mothers_mother", "之外祖母"
    SIBLING = "sibling", "之兄弟姐妹"
    GREAT_GRANDSON = "great_grandson", "之曾孙子"
    GREAT_GRANDDAUGHTER = "great_granddaughter", "之曾孙女"
    NEPHEW = "nephew", "之侄儿"
    NIECE = "niece", "之侄女"
    SIBLINGS_WIFE = "siblings_wife", "之兄弟媳妇"
    UNCLE = "uncle", "之叔伯"
    OTHER = "other", "其他"


class Education(models.TextChoices):
    NONE = "none", "文盲或半文盲"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    SENIOR = "senior", "高中"
    COLLEGE = "college", "大专"
    BACHELOR = "bachelor", "本科及以上"


class Student(models.TextChoices):
    PRESCHOOL_AGE = "preschool_age", "学龄前儿童"
    KINDERGARTEN = "kindergarten", "学前教育"
    PRIMARY = "primary", "小学"
    GRADE_7 = "grade_7", "七年级"
    GRADE_8 = "grade_8", "八年级"
    GRADE_9 = "grade_9", "九年级"
    SENIOR_1 = "senior_1", "普通高中一年级"
    SENIOR_2 = "senior_2", "普通高中二年级"
    SENIOR_3 = "senior_3", "普通高中三年级"
    VOCATIONAL_1 = "vocational_1", "中职一年级"
    VOCATIONAL_2 = "vocational_2", "中职二年级"
    VOCATIONAL_3 = "vocational_3", "中职三年级"
    HIGHER_VOCATIONAL_1 = "higher_vocational_1", "高职高专一年级"
    HIGHER_VOCATIONAL_2 = "higher_vocational_2", "高职高专二年级"
    HIGHER_VOCATIONAL_3 = "higher_vocational_3", "高职高专三年级"
    TECHNICIAN_1 = "technician_1", "技师学院一年级"
    TECHNICIAN_2 = "technician_2", "技师学院二年级"
    TECHNICIAN_3 = "technician_3", "技师学院三年级"
    TECHNICIAN_4 = "technician_4", "技师学院四年级"
    BACHELOR_1 = "bachelor_1", "本科一年级"
    BACHELOR_2 = "bachelor_2", "本科二年级"
    BACHELOR_3 = "bachelor_3", "本科三年级"
    BACHELOR_4 = "bachelor_4", "本科四年级"
    BACHELOR_5 = "bachelor_5", "本科五年级"
    MASTER = "master", "硕士研究生及以上"


# 在校生状况 of somebody who goes to no school: not filled in, or a child before it.
NOT_IN_SCHOOL = ("", Student.PRESCHOOL_AGE.value)


class Labour(models.TextChoices):
    ORDINARY = "ordinary", "普通劳动力"
    SKILLED = "skilled", "技能劳动力"
    WEAK = "weak", "弱劳动力或半劳动力"
    LOST = "lost", "丧失劳动力"
    NONE = "none", "无劳动力"


UNABLE_TO_WORK = (Labour.LOST.value, Labour.NONE.value)


HEALTH = ("健康", "长期慢性病", "患有大病", "残疾")

ETHNIC_GROUPS = (
    "汉族", "蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族",
    "布依族", "朝鲜族", "满族", "侗族", "瑶族", "白族", "土家族", "哈尼族",
    "哈萨克族", "傣族", "黎族", "傈僳族", "佤族", "畲族", "高山族", "拉祜族",
    "水族", "东乡族", "纳西族", "景颇族", "柯尔克孜族", "土族", "达斡尔族", "仫佬族",
    "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "阿昌族", "普米族",
    "塔吉克族", "怒族", "乌孜别克族", "俄罗斯族", "鄂温克族", "德昂族", "保安族", "裕固族",
    "京族", "塔塔尔族", "独龙族", "鄂伦春族", "赫哲族", "门巴族", "珞巴族", "基诺族",
)  # fmt: skip

_OTHER_WORDS = {
    HouseholdStatus: {
        HouseholdStatus.ORDINARY: "普通农户 非建档立卡户 非建档立卡 非贫困户 一般户 农户",
        HouseholdStatus.REGISTERED: "未脱贫户 未脱贫 建档立卡户（未脱贫） 建档立卡贫困户 贫困户",
        HouseholdStatus.LIFTED: "已脱贫户 已脱贫 建档立卡脱贫户 脱贫 建档立卡已脱贫户",
    },
    Category: {Category.MONITORED: "监测户 脱贫不稳定户", Category.MARGINAL: "边缘易致贫户"},
    Relation: {
        Relation.HEAD: "本人 本人或户主 户主本人",
        Relation.SPOUSE: "夫 妻 丈夫 妻子 之妻 之夫",
        Relation.SON: "子 儿子 独生子 长子 次子 三子 四子 五子 养子或继子 养子 继子 其他儿子",
        Relation.DAUGHTER: "女 女儿 独生女 长女 次女 三女 四女 五女 养女或继女 养女 继女 其他女儿",
        Relation.DAUGHTER_IN_LAW: "儿媳",
        Relation.SON_IN_LAW: "女婿",
        Relation.GRANDSON: "孙子",
        Relation.GRANDDAUGHTER: "孙女",
        Relation.DAUGHTERS_SON: "外孙子",
        Relation.DAUGHTERS_DAUGHTER: "外孙女",
        Relation.FATHER: "父亲 父 继父或养父",
        Relation.MOTHER: "母亲 母 继母或养母",
        Relation.WIFES_FATHER: "岳父",
        Relation.WIFES_MOTHER: "岳母",
        Relation.HUSBANDS_FATHER: "公公",
        Relation.HUSBANDS_MOTHER: "婆婆",
        Relation.GRANDFATHER: "祖父",
        Relation.GRANDMOTHER: "祖母",
        Relation.MOTHERS_FATHER: "外祖父",
        Relation.MOTHERS_MOTHER: "外祖母",
        Relation.SIBLING: "兄弟姐妹 兄 弟 姐姐 妹妹 哥哥 弟弟 姐 妹 之兄 之弟 之姐 之妹 其他兄弟姐妹",
        Relation.GREAT_GRANDSON: "曾孙子 曾孙子或曾外孙子",
        Relation.GREAT_GRANDDAUGHTER: "曾孙女 曾孙女或曾外孙女",
        Relation.NEPHEW: "侄子 侄儿",
        Relation.NIECE: "侄女",
        Relation.SIBLINGS_WIFE: "嫂 弟媳 兄弟媳妇",
        Relation.UNCLE: "伯父 叔父 叔伯",
        Relation.OTHER: (
            "其他亲属 非亲属 父母 祖父母 外甥 外甥女 姐夫 妹夫 伯母 婶母 舅父 舅母 姨父 姨母 姑父 姑母 "
            "孙媳妇或外孙媳妇 "
            "孙女婿或外孙女婿 孙媳妇 孙女婿 之孙媳 之孙女婿 曾祖父 曾祖母 堂兄弟、堂姐妹 表兄弟、表姐妹 "
            "其他父母关系"
        ),
    },
    Education: {
        Education.NONE: "文盲 半文盲 文盲半文盲 不识字",
        Education.PRIMARY: "小学毕业 小学教育",
        Education.JUNIOR: "初中毕业 初级中学",
        Education.SENIOR: "高中毕业 中专 中职 普通高中 中等职业教育",
        Education.COLLEGE: "专科 大学专科 高职 专科教育",
        Education.BACHELOR: "本科 大学本科 研究生 硕士 博士",
    },
    Student: {Student.KINDERGARTEN: "幼儿园", Student.PRIMARY: "小学在校"},
    Labour: {
        Labour.ORDINARY: "普通",
        Labour.SKILLED: "技能",
        Labour.WEAK: "弱劳动力 半劳动力 弱半劳动力",
        Labour.LOST: "丧失劳动能力 丧失",
        Labour.NONE: "无劳动能力 无",
    },
}


def words_of(choices: type[models.TextChoices]) -> dict[str, str]:
    """Every wording that is understood → the stored value."""
    words = {label: value for value, label in choices.choices}
    for value, others in _OTHER_WORDS.get(choices, {}).items():
        words.update(dict.fromkeys(others.split(), value.value))
    return words
