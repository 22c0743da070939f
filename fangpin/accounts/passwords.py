from django.contrib.auth import password_validation


class MinimumLength(password_validation.MinimumLengthValidator):
    """Django 5.2 says this one in English: its Chinese catalogue lags behind."""

    def get_error_message(self) -> str:
        return f"新密码太短，至少要有 {self.min_length} 个字符。请换一个更长的。"
