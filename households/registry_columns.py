"""What a registry workbook may change."""

# Columns that a workbook may change, and the heading that must be in it for that.
HOUSEHOLD_COLUMNS = {
    "village_id": "行政村",
    "hamlet_id": "自然村",
    "status": "户类型",
    "lifted_year": "户类型",
    "phone_index": "户联系电话",
    "housing_grade": "住房等级",
    "water_secured": "是否解决安全饮用水",
}
MEMBER_COLUMNS = {
    "number": "人编号",
    "name": "姓名",
    "relation": "与户主关系",
    "ethnic_group": "民族",
    "education": "文化程度",
    "student": "在校生状况",
    "health": "健康状况",
    "labour": "劳动技能",
    "work_months": "务工时间（月）",
    "major_illness_insured": "是否参加大病保险",
    "phone_index": "人联系电话",
}
